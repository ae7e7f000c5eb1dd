package io.griffinfly.engine.ref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScalarReferenceTest {
  private static final double[] POINTS = {
    -40, -7.25, -2, -1, -0.7, -1e-9, 0, 1e-9, 0.3, 1, 1.5, 2, 3, 9.75, 40
  };

  /// Another way to the same value than the one the reference takes, where there is one.
  @SuppressWarnings("CyclomaticComplexity") // one row a function
  private static double expected(ScalarFn fn, double a, double b, double c) {
    return switch (fn) {
      case NEG -> 0 - a;
      case ABS -> Math.sqrt(a * a);
      case SIGN -> a < 0 ? -1 : a > 0 ? 1 : 0;
      case EXP -> Math.sinh(a) + Math.cosh(a);
      case LOG -> a < 0 ? Double.NaN : Math.log10(a) * Math.log(10);
      case SQRT -> Math.pow(a, 0.5);
      case RSQRT -> Math.pow(a, -0.5);
      case RECIPROCAL -> Math.pow(a, -1);
      case POWER_OF_TWO -> powerWithin(Math.abs(a));
      case SIN -> 2 * Math.sin(a / 2) * Math.cos(a / 2);
      case COS -> 1 - 2 * Math.sin(a / 2) * Math.sin(a / 2);
      case TANH -> Math.expm1(2 * a) / (Math.expm1(2 * a) + 2);
      case ERF -> erf(a);
      case SIGMOID -> (1 + Math.tanh(a / 2)) / 2;
      case SILU -> a / (1 + Math.exp(-a));
      case RELU -> (a + Math.abs(a)) / 2;
      case NOT -> a == 0 ? 1 : 0;
      case ADD -> a - (0 - b);
      case SUB -> a + -1 * b;
      case MUL -> b == 0 ? 0 * a : a / (1 / b);
      case DIV -> a * Math.pow(b, -1);
      case MAX -> (a + b + Math.abs(a - b)) / 2;
      case MIN -> (a + b - Math.abs(a - b)) / 2;
      case POW -> power(a, b);
      case SWIGLU -> a * b / (1 + Math.exp(-a));
      case LESS -> Double.compare(a, b) < 0 ? 1 : 0;
      case LESS_EQUAL -> Double.compare(a, b) <= 0 ? 1 : 0;
      case GREATER -> Double.compare(a, b) > 0 ? 1 : 0;
      case GREATER_EQUAL -> Double.compare(a, b) >= 0 ? 1 : 0;
      case EQUAL -> Double.compare(a, b) == 0 ? 1 : 0;
      case NOT_EQUAL -> Double.compare(a, b) != 0 ? 1 : 0;
      case AND -> a * b != 0 ? 1 : 0;
      case OR -> a * a + b * b != 0 ? 1 : 0;
      case SELECT -> a != 0 ? b : c;
    };
  }

  private static double powerWithin(double size) {
    double power = size == 0 ? 0 : 1;
    while (power > size) {
      power /= 2;
    }
    while (size > 0 && 2 * power <= size) {
      power *= 2;
    }
    return power;
  }

  private static double power(double a, double b) {
    double magnitude = Math.exp(b * Math.log(Math.abs(a)));
    if (b == 0) {
      return 1;
    }
    return a >= 0
        ? magnitude
        : b != Math.rint(b) ? Double.NaN : b % 2 == 0 ? magnitude : -magnitude;
  }

  @ParameterizedTest
  @EnumSource
  void isTheFunction(ScalarFn fn) {
    for (double a : POINTS) {
      for (double b : POINTS) {
        double expected = expected(fn, a, b, 0.125);
        double actual = ScalarReference.real(fn, a, b, 0.125);
        // The detours above lose digits where they cancel: sinh + cosh e^|a| units in the last
        // place.
        double lost = fn == ScalarFn.EXP && a < 0 ? Math.exp(-a) * 0x1p-52 : 0;
        boolean alike =
            Double.isFinite(expected)
                ? Math.abs(expected - actual) <= 1e-13 * Math.max(1, Math.abs(expected)) + lost
                : Double.compare(expected, actual) == 0;
        assertTrue(alike, () -> fn + " " + a + " " + b + ": " + expected + " " + actual);
      }
    }
  }

  /// 2/√π Σ (−1)ⁿ x^(2n+1) / (n! (2n+1)) in 60 digits.
  private static double erf(double at) {
    if (Math.abs(at) > 9) {
      return Math.signum(at);
    }
    MathContext digits = new MathContext(60);
    BigDecimal x = new BigDecimal(at);
    BigDecimal square = x.multiply(x, digits);
    BigDecimal power = x;
    BigDecimal sum = x;
    for (int n = 1; n < 400; n++) {
      power = power.multiply(square, digits).divide(BigDecimal.valueOf(-n), digits);
      sum = sum.add(power.divide(BigDecimal.valueOf(2 * n + 1), digits), digits);
    }
    BigDecimal pi = new BigDecimal("3.14159265358979323846264338327950288419716939937510582");
    return sum.multiply(BigDecimal.TWO).divide(pi.sqrt(digits), digits).doubleValue();
  }

  @Test
  void theErrorFunctionIsAccurate() {
    for (double x = -6.5; x < 6.6; x += 0.03125) {
      double expected = erf(x);
      assertEquals(expected, ErrorFunction.erf(x), 8 * Math.ulp(expected), "erf " + x);
    }
    assertEquals(2 / Math.sqrt(Math.PI) * 1e-300, ErrorFunction.erf(1e-300), 1e-315);
    assertEquals(-1, ErrorFunction.erf(Double.NEGATIVE_INFINITY));
    assertTrue(Double.isNaN(ErrorFunction.erf(Double.NaN)));
  }

  @Test
  void sigmoidKeepsItsDigitsFarOut() {
    assertEquals(Math.exp(-700), ScalarReference.real(ScalarFn.SIGMOID, -700, 0, 0), 1e-318);
    assertEquals(0, ScalarReference.real(ScalarFn.SIGMOID, -1e9, 0, 0));
    assertEquals(1, ScalarReference.real(ScalarFn.SIGMOID, 1e9, 0, 0));
    assertEquals(-700 * Math.exp(-700), ScalarReference.real(ScalarFn.SILU, -700, 0, 0), 1e-314);
  }

  @Test
  void maximaKeepNotANumber() {
    for (ScalarFn fn : new ScalarFn[] {ScalarFn.MAX, ScalarFn.MIN}) {
      assertTrue(Double.isNaN(ScalarReference.real(fn, Double.NaN, 1, 0)));
      assertTrue(Double.isNaN(ScalarReference.real(fn, 1, Double.NaN, 0)));
    }
  }

  @Test
  void integersAreExact() {
    assertEquals(-3, integer(DType.I64, ScalarFn.DIV, -7, 2));
    assertEquals(Integer.MIN_VALUE, integer(DType.I32, ScalarFn.ADD, Integer.MAX_VALUE, 1));
    assertEquals(
        1, // (2³¹ − 1)² = 2⁶² − 2³² + 1
        integer(DType.I32, ScalarFn.MUL, Integer.MAX_VALUE, Integer.MAX_VALUE));
    assertEquals(
        Double.doubleToLongBits(0),
        Double.doubleToLongBits(integer(DType.I64, ScalarFn.NEG, 0, 0)));
    assertThrows(GraphException.class, () -> integer(DType.I64, ScalarFn.DIV, 1, 0));
    assertThrows(GraphException.class, () -> integer(DType.I64, ScalarFn.MUL, 0x1p30, 0x1p30));
  }

  private static double integer(DType dtype, ScalarFn fn, double a, double b) {
    Array left = Array.of(TensorType.of(dtype, 1), a);
    Array right = Array.of(TensorType.of(dtype), b);
    var op = new Elementwise.Map(fn);
    return (fn.arity() == 1 ? Values.apply(op, left) : Values.apply(op, left, right)).get(0);
  }

  @Test
  void expressionsNest() {
    var silu = ScalarExpr.apply(ScalarFn.SILU, new ScalarExpr.Arg(1));
    var expression =
        ScalarExpr.apply(
            ScalarFn.SELECT,
            ScalarExpr.apply(ScalarFn.LESS, new ScalarExpr.Arg(0), new ScalarExpr.Scalar(0.5)),
            silu,
            new ScalarExpr.Arg(0));
    assertEquals(2 / (1 + Math.exp(-2)), ScalarReference.expression(expression, 0.25, 2), 1e-15);
    assertEquals(0.75, ScalarReference.expression(expression, 0.75, 2));
  }
}
