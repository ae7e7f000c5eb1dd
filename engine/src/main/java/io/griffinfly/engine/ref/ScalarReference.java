package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.List;

/// The scalar functions, and expressions made of them.
final class ScalarReference {
  private ScalarReference() {}

  /// Evaluates a function of real numbers or truth values; operands that it does not take are
  /// ignored.
  @SuppressWarnings("CyclomaticComplexity") // one row a function
  static double real(ScalarFn fn, double a, double b, double c) {
    return switch (fn) {
      case NEG -> -a;
      case ABS -> Math.abs(a);
      case SIGN -> Math.signum(a);
      case EXP -> Math.exp(a);
      case LOG -> Math.log(a);
      case SQRT -> Math.sqrt(a);
      case RSQRT -> 1 / Math.sqrt(a);
      case RECIPROCAL -> 1 / a;
      case POWER_OF_TWO -> powerOfTwo(a);
      case SIN -> Math.sin(a);
      case COS -> Math.cos(a);
      case TANH -> Math.tanh(a);
      case ERF -> ErrorFunction.erf(a);
      case SIGMOID -> sigmoid(a);
      case SILU -> a * sigmoid(a);
      case RELU -> Math.max(a, 0);
      case NOT -> truth(a == 0);
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
      case POW -> Math.pow(a, b);
      case SWIGLU -> a * sigmoid(a) * b;
      case LESS -> truth(a < b);
      case LESS_EQUAL -> truth(a <= b);
      case GREATER -> truth(a > b);
      case GREATER_EQUAL -> truth(a >= b);
      case EQUAL -> truth(a == b);
      case NOT_EQUAL -> truth(a != b);
      case AND -> truth(a != 0 && b != 0);
      case OR -> truth(a != 0 || b != 0);
      case SELECT -> a != 0 ? b : c;
    };
  }

  /// Evaluates an arithmetic function of integers: quotients truncate toward zero, I32 wraps
  /// around, I64 must stay below 2^53.
  static double integer(DType dtype, ScalarFn fn, double a, double b) {
    if (fn == ScalarFn.DIV && b == 0) {
      throw new GraphException("an integer is divided by zero");
    }
    double real = real(fn, a, b, 0);
    if (dtype == DType.I64 && Math.abs(real) >= Value.Array.EXACT_INTEGERS) {
      throw new GraphException(fn + " yields an integer of 2^53 or more, which is not exact");
    }
    // The product of two I32 fits a long but not a double.
    long exact = fn == ScalarFn.MUL ? ((long) a) * ((long) b) : (long) real;
    return dtype == DType.I32 ? (int) exact : exact;
  }

  /// Evaluates an expression.
  static double expression(ScalarExpr expression, double... operands) {
    return switch (expression) {
      case ScalarExpr.Arg(int index) -> operands[index];
      case ScalarExpr.Scalar(double value) -> value;
      case ScalarExpr.Convert(DType to, ScalarExpr value) -> {
        double from = expression(value, operands);
        yield to.isFloat() ? from : to.round(from);
      }
      case ScalarExpr.Apply(ScalarFn fn, List<ScalarExpr> args) ->
          real(
              fn,
              argument(args, 0, operands),
              argument(args, 1, operands),
              argument(args, 2, operands));
    };
  }

  private static double argument(List<ScalarExpr> args, int index, double... operands) {
    return index < args.size() ? expression(args.get(index), operands) : 0;
  }

  private static double powerOfTwo(double x) {
    double size = Math.abs(x);
    return size == 0 || !Double.isFinite(size) ? size : Math.scalb(1.0, Math.getExponent(size));
  }

  private static double truth(boolean value) {
    return value ? 1 : 0;
  }

  /// 1/(1+e^−x) without overflow on either side.
  private static double sigmoid(double x) {
    double small = Math.exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + small) : small / (1 + small);
  }
}
