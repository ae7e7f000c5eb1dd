package io.griffinfly.engine.jvm;

/// What is done to a finished tile of a matrix product while it is still in L1: bias, activation,
/// residual, conversion, or a plain copy.
///
/// It is called once per tile (about 6 x 16 elements), so the call through the interface costs
/// about 1 % of the tile; inside, a loop over rows and columns, generated from the fused scalar
/// expression. Accumulators never pass through it as vectors: that boxes them (14-25 instead of
/// 445-470 GFLOP/s).
@FunctionalInterface
public interface TileFunction {
  /// Computes `target[i][j] = f(source[i][j], operands at (row + i, column + j))` for a tile.
  ///
  /// `source` and `target` may be the same address; otherwise they do not overlap. Rows of a
  /// batched product are numbered through: row = batch index * rows per matrix + row in the matrix.
  ///
  /// @param source address of the finished sums, f32, rows contiguous
  /// @param sourceStride bytes from one row of `source` to the next
  /// @param target address where element (row, column) of the result goes
  /// @param targetStride bytes from one row of `target` to the next
  /// @param row index in the whole result of the tile's first row
  /// @param column index in the whole result of the tile's first column
  /// @param rows rows of the tile, at least 1
  /// @param columns columns of the tile, at least 1, any number
  /// @param operands addresses and strides of the expression's other operands, as agreed between
  ///   the function's generator and whoever binds the kernel; written when the kernel is bound
  @SuppressWarnings("TooManyParameters")
  void apply(
      long source,
      long sourceStride,
      long target,
      long targetStride,
      int row,
      int column,
      int rows,
      int columns,
      long[] operands);
}
