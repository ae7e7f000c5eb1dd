package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;
import static io.griffinfly.engine.conformance.KernelData.number;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.ref.Value;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL)
class PointwiseKernelTest {
  private final Subject subject;

  PointwiseKernelTest(Subject subject) {
    this.subject = subject;
  }

  private static final List<Shape> DOMAINS =
      List.of(
          Shape.SCALAR,
          Shape.of(1),
          Shape.of(7),
          Shape.of(8),
          Shape.of(3, 1, 17),
          Shape.of(2, 3, 5, 9),
          Shape.of(33, 70),
          Shape.of(70_001));

  private static KernelSpec.Pointwise spec(
      Shape domain, ScalarExpr expression, List<TensorType> operands, DType result) {
    return new KernelSpec.Pointwise(
        domain, List.of(expression), operands, List.of(new TensorType(result, domain)));
  }

  private void check(KernelSpec.Pointwise spec, Lie lie, double relative) {
    List<Value.Array> inputs = KernelData.random(spec.operands(), 3);
    KernelRun.all(subject, spec, inputs, lie)
        .forEach((schedule, found) -> {
          for (int i = 0; i < found.size(); i++) {
            TensorType type = spec.results().get(i);
            Value.Array expected =
                ExpressionReference.evaluate(spec.expressions().get(i), inputs, type);
            double epsilon = KernelData.epsilon(type.dtype());
            String what = spec + " " + lie + " " + schedule;
            KernelData.assertClose(
                expected, found.get(i), relative * epsilon, epsilon * 1e-3, what);
          }
        });
  }

  /// An operand for each argument of a function, of a type that it takes.
  private static List<TensorType> operands(ScalarFn fn, DType type, Shape shape) {
    List<TensorType> operands = new ArrayList<>();
    for (int i = 0; i < fn.arity(); i++) {
      boolean truth =
          fn.kind() == ScalarFn.Kind.LOGIC || (fn.kind() == ScalarFn.Kind.CHOICE && i == 0);
      operands.add(new TensorType(truth ? DType.BOOL : type, shape));
    }
    return operands;
  }

  private static boolean takes(ScalarFn fn, DType type) {
    return switch (fn.kind()) {
      case ARITHMETIC, COMPARISON -> type != DType.BOOL;
      case REAL -> type.isFloat();
      case LOGIC -> type == DType.BOOL;
      case CHOICE -> true;
    };
  }

  private static DType result(ScalarFn fn, DType type) {
    return switch (fn.kind()) {
      case ARITHMETIC, REAL, CHOICE -> type;
      case COMPARISON, LOGIC -> DType.BOOL;
    };
  }

  /// An expression that stays in the function's domain for any numbers: absolute values where it
  /// takes no negative ones, a divisor that is not zero.
  private static ScalarExpr safe(ScalarFn fn, DType type) {
    List<ScalarExpr> args = new ArrayList<>();
    for (int i = 0; i < fn.arity(); i++) {
      args.add(arg(i));
    }
    switch (fn) {
      case LOG, SQRT, RSQRT, POW -> args.set(0, ScalarExpr.apply(ScalarFn.ABS, arg(0)));
      case DIV -> {
        if (type.isInteger()) {
          ScalarExpr positive = ScalarExpr.apply(ScalarFn.ABS, arg(1));
          args.set(1, ScalarExpr.apply(ScalarFn.ADD, positive, number(1)));
        }
      }
      default -> {}
    }
    return new ScalarExpr.Apply(fn, args);
  }

  @ParameterizedTest
  @EnumSource
  void everyFunctionOfEveryElementTypeAgreesWithTheReference(ScalarFn fn) {
    for (DType type : DType.values()) {
      if (!takes(fn, type)) {
        continue;
      }
      for (Shape domain : List.of(Shape.of(7), Shape.of(5, 37))) {
        for (Lie lie : subject.lies()) {
          var operands = operands(fn, type, domain);
          check(spec(domain, safe(fn, type), operands, result(fn, type)), lie, 8);
        }
      }
    }
  }

  /// Every power of two that is a normal number, its neighbours, and what has none: each to the
  /// bit.
  @Test
  void powersOfTwoAreExact() {
    List<Double> numbers = new ArrayList<>(List.of(0.0, Double.NaN, Double.POSITIVE_INFINITY));
    for (int exponent = -126; exponent <= 127; exponent++) {
      float power = Math.scalb(1f, exponent);
      numbers.add((double) power);
      numbers.add((double) -Math.nextUp(power));
      numbers.add((double) Math.nextDown(2 * power));
    }
    double[] x = numbers.stream().mapToDouble(Double::doubleValue).toArray();
    TensorType type = TensorType.of(DType.F32, x.length);
    ScalarExpr power = ScalarExpr.apply(ScalarFn.POWER_OF_TWO, arg(0));
    KernelRun.all(
            subject,
            spec(type.shape(), power, List.of(type), DType.F32),
            List.of(Value.Array.of(type, x)),
            Lie.DENSE)
        .forEach((schedule, found) -> {
          for (int i = 0; i < x.length; i++) {
            double size = Math.abs(x[i]);
            boolean whole = Double.isFinite(size) && size > 0;
            double exact = whole ? Math.scalb(1.0, Math.getExponent(size)) : size;
            assertEquals(exact, found.getFirst()[i], schedule + " of " + x[i]);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void everyConversionAgreesWithTheReference(DType from) {
    Shape domain = Shape.of(3, 21);
    for (DType to : DType.values()) {
      ScalarExpr convert = new ScalarExpr.Convert(to, arg(0));
      check(spec(domain, convert, List.of(new TensorType(from, domain)), to), Lie.DENSE, 2);
      ScalarExpr nested = new ScalarExpr.Convert(DType.F32, convert);
      var spec = spec(domain, nested, List.of(new TensorType(from, domain)), DType.F32);
      double relative = KernelData.epsilon(to) / KernelData.epsilon(DType.F32);
      check(spec, Lie.PADDED, Math.max(2, 2 * relative));
    }
  }

  @Test
  void operandsBroadcastOverEveryDomain() {
    ScalarExpr sum =
        ScalarExpr.apply(
            ScalarFn.ADD,
            ScalarExpr.apply(ScalarFn.MUL, arg(0), arg(1)),
            ScalarExpr.apply(ScalarFn.MUL, arg(2), number(0.5)));
    for (Shape domain : DOMAINS) {
      Shape row = domain.rank() == 0 ? domain : Shape.of(domain.dim(-1));
      Shape column = domain.rank() == 0 ? domain : domain.with(-1, 1);
      List<TensorType> operands =
          List.of(
              new TensorType(DType.F32, domain),
              new TensorType(DType.F32, row),
              new TensorType(DType.F32, column));
      KernelSpec.Pointwise spec = spec(domain, sum, operands, DType.F32);
      List<Value.Array> inputs = KernelData.random(operands, 5);
      Value.Array expected = ExpressionReference.evaluate(sum, inputs, spec.results().getFirst());
      for (Lie lie : subject.lies()) {
        // Two products and a sum of about 1 in magnitude, each rounded once.
        KernelRun.all(subject, spec, inputs, lie)
            .forEach((schedule, found) ->
                KernelData.assertClose(
                    expected, found.getFirst(), 0, 0x1p-20, spec + " " + lie + " " + schedule));
      }
    }
  }

  @Test
  void severalResultsMayReadWhatTheyOverwrite() {
    Shape domain = Shape.of(9, 37);
    TensorType type = new TensorType(DType.F32, domain);
    // (a, b) becomes (a - b, a + b) in place.
    KernelSpec.Pointwise spec =
        new KernelSpec.Pointwise(
            domain,
            List.of(
                ScalarExpr.apply(ScalarFn.SUB, arg(0), arg(1)),
                ScalarExpr.apply(ScalarFn.ADD, arg(0), arg(1))),
            List.of(type, type),
            List.of(type, type));
    Value.Array a = KernelData.random(type, 1);
    Value.Array b = KernelData.random(type, 2);
    for (Device device : subject.devices()) {
      try (KernelRun run = KernelRun.inPlace(device, spec, Lie.PADDED)) {
        run.operands(List.of(a, b));
        List<double[]> found = run.overwritten();
        for (int i = 0; i < found.getFirst().length; i++) {
          assertEquals((float) a.get(i) - (float) b.get(i), found.get(0)[i]);
          assertEquals((float) a.get(i) + (float) b.get(i), found.get(1)[i]);
        }
      }
    }
    subject.requireNoComplaints();
  }

  @Test
  void equalSubexpressionsAndLiteralsAreWrittenOnce() {
    TensorType type = TensorType.of(DType.F32, 40);
    ScalarExpr square = ScalarExpr.apply(ScalarFn.MUL, arg(0), arg(0));
    ScalarExpr fourth = ScalarExpr.apply(ScalarFn.MUL, square, square);
    ScalarExpr sum =
        ScalarExpr.apply(
            ScalarFn.ADD, ScalarExpr.apply(ScalarFn.ADD, fourth, number(2)), number(2));
    check(spec(type.shape(), sum, List.of(type), DType.F32), Lie.DENSE, 8);
  }
}
