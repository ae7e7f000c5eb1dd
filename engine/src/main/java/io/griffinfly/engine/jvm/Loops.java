package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.jvm.TileLoop.Access;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Single-precision loops that hand-written kernels are put together from.
final class Loops {
  private Loops() {}

  /// Operand `index` of an expression.
  static ScalarExpr arg(int index) {
    return new ScalarExpr.Arg(index);
  }

  static ScalarExpr times(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr.apply(ScalarFn.MUL, a, b);
  }

  static ScalarExpr plus(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr.apply(ScalarFn.ADD, a, b);
  }

  static ScalarExpr minus(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr.apply(ScalarFn.SUB, a, b);
  }

  static ScalarExpr exp(ScalarExpr a) {
    return ScalarExpr.apply(ScalarFn.EXP, a);
  }

  /// A loop with one contiguous result.
  static TileLoop map(ScalarExpr expression, Access... operands) {
    return loop(expression, null, operands);
  }

  /// A loop that folds each row.
  static TileLoop fold(ReduceFn fn, ScalarExpr expression, Access... operands) {
    return loop(expression, fn, operands);
  }

  private static TileLoop loop(ScalarExpr expression, @Nullable ReduceFn fn, Access... operands) {
    List<DType> types = Collections.nCopies(operands.length, DType.F32);
    return LoopCompiler.compile(
        new LoopSpec(
            List.of(TypedExpr.of(expression, types, DType.F32)),
            types,
            List.of(operands),
            List.of(DType.F32),
            List.of(Access.CONTIGUOUS),
            fn));
  }

  /// Whether a view is in single precision and contiguous along its last axis.
  static boolean hasRows(View view) {
    return view.type() == DType.F32
        && view.shape().rank() > 0
        && (view.stride(-1) == Float.BYTES || view.dim(-1) == 1);
  }
}
