package io.griffinfly.engine.jvm;

import java.util.List;
import jdk.incubator.vector.FloatVector;

/// Matrix products on the Vector API.
final class VectorTiles {
  /// With 16 vector registers 10 accumulators, 2 vectors and up to 4 broadcasts; with 32 (AVX-512,
  /// NEON) 16 accumulators. Wider tiles spill, lower ones wait for the latency of their FMAs:
  /// docs/perf-history.md.
  static final Tiles TILES =
      new Tiles(
          manyRegisters() ? new Product8x2() : new Product5x2(),
          new Product4x2(),
          2 * Lanes.COUNT,
          new VectorPacker(),
          VectorTiles::store,
          VectorTiles::add);

  private VectorTiles() {}

  private static boolean manyRegisters() {
    boolean x86 = List.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
    return !x86 || Lanes.COUNT == 16;
  }

  private static void store(
      long source,
      long sourceStride,
      long target,
      long targetStride,
      int row,
      int column,
      int rows,
      int columns,
      long[] operands) {
    for (int i = 0; i < rows; i++) {
      storeRow(source + i * sourceStride, target + i * targetStride, columns);
    }
  }

  private static void storeRow(long source, long target, int columns) {
    long from = source & Memory.MASK;
    long to = target & Memory.MASK;
    int left = columns;
    for (; left >= Lanes.COUNT; left -= Lanes.COUNT) {
      FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, from, Memory.ORDER)
          .intoMemorySegment(Memory.ALL, to, Memory.ORDER);
      from = (from + Lanes.BYTES) & Memory.MASK;
      to = (to + Lanes.BYTES) & Memory.MASK;
    }
    for (; left > 0; left--) {
      Memory.ALL.set(Memory.FLOAT, to, Memory.ALL.get(Memory.FLOAT, from));
      from = (from + Float.BYTES) & Memory.MASK;
      to = (to + Float.BYTES) & Memory.MASK;
    }
  }

  private static void add(
      long source,
      long sourceStride,
      long target,
      long targetStride,
      int row,
      int column,
      int rows,
      int columns,
      long[] operands) {
    for (int i = 0; i < rows; i++) {
      addRow(source + i * sourceStride, target + i * targetStride, columns);
    }
  }

  private static void addRow(long source, long target, int columns) {
    long from = source & Memory.MASK;
    long to = target & Memory.MASK;
    int left = columns;
    for (; left >= Lanes.COUNT; left -= Lanes.COUNT) {
      FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, to, Memory.ORDER)
          .add(FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, from, Memory.ORDER))
          .intoMemorySegment(Memory.ALL, to, Memory.ORDER);
      from = (from + Lanes.BYTES) & Memory.MASK;
      to = (to + Lanes.BYTES) & Memory.MASK;
    }
    for (; left > 0; left--) {
      float sum = Memory.ALL.get(Memory.FLOAT, to) + Memory.ALL.get(Memory.FLOAT, from);
      Memory.ALL.set(Memory.FLOAT, to, sum);
      from = (from + Float.BYTES) & Memory.MASK;
      to = (to + Float.BYTES) & Memory.MASK;
    }
  }
}
