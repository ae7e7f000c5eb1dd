package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.jvm.TileLoop.Access;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.ArrayList;
import java.util.List;

/// What becomes of the finished tiles of a matrix product while they are still in L1 or L2: bias,
/// activation, residual, an update of a weight, or just a copy to their place. The loop over a tile
/// is generated from the expression and called once a tile: vectors that passed through a call
/// would be boxed (14-25 instead of 445-470 GFLOP/s).
final class Epilogue {
  private final TileLoop loop;
  private final List<Matrix> operands;
  private final Matrix result;

  private Epilogue(TileLoop loop, List<Matrix> operands, Matrix result) {
    this.loop = loop;
    this.operands = operands;
    this.result = result;
  }

  /// Binds an expression.
  ///
  /// @param expression its operand 0 is the product in single precision, its operand `i` the
  ///   element of matrix `i - 1` at the same place
  /// @param operands what else it reads, each repeated to the extents of the result
  /// @param result where it goes; may lie over an operand of the same strides
  static Epilogue of(ScalarExpr expression, List<Matrix> operands, Matrix result) {
    List<DType> types = new ArrayList<>(List.of(DType.F32));
    List<Access> access = new ArrayList<>(List.of(Access.CONTIGUOUS));
    for (Matrix operand : operands) {
      types.add(operand.type());
      access.add(access(operand));
    }
    LoopSpec spec =
        new LoopSpec(
            List.of(TypedExpr.of(expression, types, result.type())),
            types,
            access,
            List.of(result.type()),
            List.of(access(result) == Access.CONTIGUOUS ? Access.CONTIGUOUS : Access.STRIDED),
            null);
    return new Epilogue(LoopCompiler.compile(spec), List.copyOf(operands), result);
  }

  private static Access access(Matrix matrix) {
    if (matrix.columnStride() == matrix.type().bytes()) {
      return Access.CONTIGUOUS;
    }
    return matrix.columnStride() == 0 ? Access.SPLAT : Access.STRIDED;
  }

  /// Scratch memory of one call.
  long blockBytes() {
    return TileLoop.blockBytes(operands.size() + 2);
  }

  /// Finishes a tile.
  ///
  /// @param source address of its sums, f32, columns contiguous
  /// @param sourceStride bytes from one row of `source` to the next
  /// @param batch which product of the batch
  /// @param row of the result where the tile begins
  /// @param column of the result where the tile begins
  /// @param rows of the tile, 1 or more
  /// @param columns of the tile, 1 or more
  /// @param block address of [#blockBytes()] bytes, aligned to a cache line
  @SuppressWarnings("TooManyParameters")
  void apply(
      long source,
      long sourceStride,
      int batch,
      int row,
      int column,
      int rows,
      int columns,
      long block) {
    TileLoop.set(block, 0, source, sourceStride, Float.BYTES);
    for (int i = 0; i < operands.size(); i++) {
      enter(block, 1 + i, operands.get(i), batch, row, column);
    }
    enter(block, 1 + operands.size(), result, batch, row, column);
    loop.run(block, rows, columns);
  }

  private static void enter(long block, int entry, Matrix matrix, int batch, int row, int column) {
    TileLoop.set(
        block,
        entry,
        matrix.address(batch, row, column),
        matrix.rowStride(),
        matrix.columnStride());
  }
}
