package io.griffinfly.engine.jvm;

/// How operands of matrix products are cut on a machine, and the code that works on the pieces:
/// rows of the left operand become strips, columns of the right one panels.
///
/// A strip is high or low. Two heights instead of one keep the waste of padded rows small: 128 rows
/// are 24 strips of 5 and 2 of 4, where 5 alone would compute 130.
///
/// @param high the product of high strips
/// @param low the product of low strips, which also serves products of few rows
/// @param panel columns of a panel
/// @param packer copies pieces into strips and panels
/// @param store the tile function that copies a tile to its place
/// @param add the tile function that adds a tile to what is at its place
record Tiles(
    TileProduct high,
    TileProduct low,
    int panel,
    Packer packer,
    TileFunction store,
    TileFunction add) {

  /// Bytes of a whole tile.
  long tileBytes() {
    return (long) high.rows() * panel * Float.BYTES;
  }

  /// Bytes of a row of a tile that is not at its final place.
  long tileStride() {
    return (long) panel * Float.BYTES;
  }

  /// How many panels so many columns make; the last one is padded with zeros.
  int panels(int columns) {
    return Math.ceilDiv(columns, panel);
  }
}
