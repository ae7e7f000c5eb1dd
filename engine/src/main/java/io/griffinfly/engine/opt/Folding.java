package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Folds operations on constants of equal elements; one element stands for all. Constants with
/// different elements are folded when the plan is made, in double precision, not here: an e-graph
/// of tables would be large for no choice.
final class Folding {
  private Folding() {}

  static @Nullable Literal fold(Op op, List<Fact> kids, ValueType type) {
    if (op instanceof Leaf.Constant(Literal literal)) {
      return literal;
    }
    if (!(type instanceof TensorType tensorType)
        || kids.isEmpty()
        || !kids.stream().allMatch(Fact::isSplat)) {
      return null;
    }
    double[] operands = kids.stream().mapToDouble(Folding::element).toArray();
    return switch (op) {
      case Move.Reshape _, Move.Transpose _, Move.Broadcast _, Move.Slice _ ->
          Literal.splat(tensorType, operands[0]);
      case Elementwise.Map(ScalarFn fn) -> scalar(fn, operands, tensorType);
      default -> null;
    };
  }

  private static double element(Fact fact) {
    Literal literal = fact.constant();
    return literal == null ? Double.NaN : literal.get(0);
  }

  private static @Nullable Literal scalar(ScalarFn fn, double[] x, TensorType type) {
    if (!type.dtype().isFloat()) {
      return null;
    }
    double value =
        switch (fn) {
          case NEG -> -x[0];
          case ADD -> x[0] + x[1];
          case SUB -> x[0] - x[1];
          case MUL -> x[0] * x[1];
          case DIV -> x[0] / x[1];
          case SQRT -> Math.sqrt(x[0]);
          case RSQRT -> 1 / Math.sqrt(x[0]);
          case RECIPROCAL -> 1 / x[0];
          default -> Double.NaN;
        };
    return Double.isNaN(value) ? null : Literal.splat(type, value);
  }
}
