package io.griffinfly.engine.conformance;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Evaluates whole expressions by the double-precision interpreter, one operation at a time.
final class ExpressionReference {
  private ExpressionReference() {}

  /// The expression's value over a domain.
  static Value.Array evaluate(ScalarExpr expression, List<Value.Array> operands, TensorType type) {
    Value.Array zeros = splat(TensorType.of(type.dtype(), type.shape().dims()), 0);
    Value.Array value = value(expression, operands, type.dtype());
    // Repeats to the domain.
    return (Value.Array)
        Interpreter.apply(
            new Elementwise.Map(ScalarFn.SELECT),
            List.of(splat(new TensorType(DType.BOOL, Shape.SCALAR), 1), value, zeros));
  }

  private static Value.Array splat(TensorType type, double value) {
    double[] data = new double[Math.toIntExact(type.shape().size())];
    Arrays.fill(data, value);
    return Value.Array.of(type, data);
  }

  private static Value.Array value(
      ScalarExpr expression, List<Value.Array> operands, DType wanted) {
    return switch (expression) {
      case ScalarExpr.Arg(int index) -> operands.get(index);
      case ScalarExpr.Scalar(double number) -> splat(new TensorType(wanted, Shape.SCALAR), number);
      case ScalarExpr.Convert(DType to, ScalarExpr from) ->
          (Value.Array)
              Interpreter.apply(new Elementwise.Cast(to), List.of(value(from, operands, to)));
      case ScalarExpr.Apply(ScalarFn fn, List<ScalarExpr> args) -> {
        int first = fn == ScalarFn.SELECT ? 1 : 0;
        DType common = wanted;
        for (ScalarExpr arg : args.subList(first, args.size()).reversed()) {
          if (!(arg instanceof ScalarExpr.Scalar)) {
            common = value(arg, operands, wanted).dtype();
          }
        }
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
          values.add(value(args.get(i), operands, i < first ? DType.BOOL : common));
        }
        yield (Value.Array) Interpreter.apply(new Elementwise.Map(fn), values);
      }
    };
  }
}
