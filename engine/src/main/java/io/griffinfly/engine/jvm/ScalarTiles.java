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
          new ScalarTransposer());

  private ScalarTiles() {}
}
