package io.griffinfly.engine.jvm;

/// The twin of [VectorTiles] for machines without the Vector API, and for tests.
final class ScalarTiles {
  private static final int PANEL = 8;

  /// All of it.
  static final Tiles TILES =
      new Tiles(
          new ScalarProduct(6, PANEL),
          new ScalarProduct(4, PANEL),
          PANEL,
          new ScalarPacker(),
          ScalarTiles::store,
          ScalarTiles::add);

  private ScalarTiles() {}

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
      for (int j = 0; j < columns; j++) {
        long offset = (long) j * Float.BYTES;
        Memory.store(
            target + i * targetStride + offset, Memory.load(source + i * sourceStride + offset));
      }
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
      for (int j = 0; j < columns; j++) {
        long to = target + i * targetStride + (long) j * Float.BYTES;
        float term = Memory.load(source + i * sourceStride + (long) j * Float.BYTES);
        Memory.store(to, Memory.load(to) + term);
      }
    }
  }
}
