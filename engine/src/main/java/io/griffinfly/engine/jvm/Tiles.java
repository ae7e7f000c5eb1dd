package io.griffinfly.engine.jvm;

/// How operands of matrix products are cut on a machine, and the code that works on the pieces:
/// rows are taken in strips, columns in panels.
///
/// A strip is high or low. Two heights instead of one keep the waste of the last strip small: 128
/// rows are 24 strips of 5 and 2 of 4, where 5 alone would compute 130.
///
/// @param high the product of high strips
/// @param low the product of low strips, which also serves products of few rows
/// @param panel columns of a panel
/// @param packer copies pieces into panels
/// @param transposer turns finished tiles over where the product was computed transposed
record Tiles(TileProduct high, TileProduct low, int panel, Packer packer, Transposer transposer) {

  /// Bytes of a row of a panel.
  long panelStride() {
    return (long) panel * Float.BYTES;
  }

  /// How many panels so many columns make; the last one is padded with zeros.
  int panels(int columns) {
    return Math.ceilDiv(columns, panel);
  }

  /// The cut of so many rows.
  Strips strips(int rows) {
    return Strips.of(rows, rows < high.rows() ? low.rows() : high.rows(), low.rows());
  }

  /// The product of strips of a height that [#strips] gives.
  TileProduct product(int height) {
    return height == high.rows() ? high : low;
  }
}
