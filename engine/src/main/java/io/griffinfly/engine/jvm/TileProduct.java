package io.griffinfly.engine.jvm;

/// The innermost part of a matrix product: one tile, from rows where they lie and a packed panel of
/// columns. It serves every shape, so that there is little to compile.
///
/// The rows are read element by element and broadcast, so nothing is gained by packing them: 8 rows
/// in place run at 260 GFLOP/s where a packed strip ran at 220 (docs/perf-history.md).
interface TileProduct {
  /// Rows of the tile.
  int rows();

  /// Computes `out[i][j] = sum over k of left[i][k] * right[k][j]`, in ascending order of k.
  ///
  /// @param left address of the element of row 0 and term 0
  /// @param rowStride bytes from one row of `left` to the next
  /// @param termStride bytes from one term of `left` to the next
  /// @param right address of a panel, `[depth, panel width]`
  /// @param depth number of terms; 0 gives zeros
  /// @param out address of the tile, `[rows, panel width]`, written whole
  /// @param outStride bytes from one row of `out` to the next
  /// @param add whether the sums are added to what is in `out`
  @SuppressWarnings("TooManyParameters")
  void multiply(
      long left,
      long rowStride,
      long termStride,
      long right,
      int depth,
      long out,
      long outStride,
      boolean add);
}
