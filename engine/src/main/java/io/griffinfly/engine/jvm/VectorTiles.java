package io.griffinfly.engine.jvm;

import java.util.List;

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
          new VectorTransposer());

  private VectorTiles() {}

  private static boolean manyRegisters() {
    boolean x86 = List.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
    return !x86 || Lanes.COUNT == 16;
  }
}
