package io.griffinfly.engine.jvm;

import jdk.incubator.vector.FloatVector;

/// Packs whole panels of contiguous columns by vectors, rows by transposing them, everything else
/// element by element.
final class VectorPacker implements Packer {
  private static final long PANEL_BYTES = 2L * Lanes.BYTES;

  private final ScalarPacker odd = new ScalarPacker();
  private final Transposer transposer = new VectorTransposer();

  @Override
  public void pack(
      long source,
      long laneStride,
      long depthStride,
      int lanes,
      int width,
      int depth,
      long target) {
    if (lanes == 2 * Lanes.COUNT && width == lanes && laneStride == Float.BYTES) {
      copy(source, depthStride, depth, target);
    } else if (depthStride == Float.BYTES && width == 2 * Lanes.COUNT) {
      if (lanes < width) {
        clear(target, depth);
      }
      transposer.transpose(source, laneStride, lanes, depth, target, PANEL_BYTES);
    } else {
      odd.pack(source, laneStride, depthStride, lanes, width, depth, target);
    }
  }

  private static void copy(long source, long depthStride, int depth, long target) {
    long from = source & Memory.MASK;
    long to = target & Memory.MASK;
    long end = to + depth * PANEL_BYTES;
    while (to != end) {
      FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, from, Memory.ORDER)
          .intoMemorySegment(Memory.ALL, to, Memory.ORDER);
      FloatVector.fromMemorySegment(Lanes.FLOATS, Memory.ALL, from + Lanes.BYTES, Memory.ORDER)
          .intoMemorySegment(Memory.ALL, to + Lanes.BYTES, Memory.ORDER);
      from = (from + depthStride) & Memory.MASK;
      to = (to + PANEL_BYTES) & Memory.MASK;
    }
  }

  private static void clear(long target, int depth) {
    FloatVector zero = FloatVector.zero(Lanes.FLOATS);
    long to = target & Memory.MASK;
    long end = to + depth * PANEL_BYTES;
    while (to != end) {
      zero.intoMemorySegment(Memory.ALL, to, Memory.ORDER);
      zero.intoMemorySegment(Memory.ALL, to + Lanes.BYTES, Memory.ORDER);
      to = (to + PANEL_BYTES) & Memory.MASK;
    }
  }
}
