package io.griffinfly.engine.jvm;

/// The innermost part of a matrix product: one tile, from operands packed into a strip of rows and
/// a panel of columns. It serves every shape, so that there is little to compile.
interface TileProduct {
  /// Rows of the tile, and width of the strips it reads.
  int rows();

  /// Computes `out[i][j] = sum over k of left[k][i] * right[k][j]`, in ascending order of k.
  ///
  /// @param left address of a strip, `[depth, rows]`
  /// @param right address of a panel, `[depth, panel width]`
  /// @param depth number of terms; 0 writes zeros
  /// @param out address of the tile, `[rows, panel width]`, written whole
  /// @param outStride bytes from one row of `out` to the next
  void multiply(long left, long right, int depth, long out, long outStride);
}
