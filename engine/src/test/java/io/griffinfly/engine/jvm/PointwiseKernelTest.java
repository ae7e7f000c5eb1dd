package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.KernelHarness.arg;
import static io.griffinfly.engine.jvm.KernelHarness.number;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.jvm.KernelHarness.Lie;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.ref.Value;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PointwiseKernelTest {
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

  private static void check(KernelSpec.Pointwise spec, Lie lie, double relative) {
    List<Value.Array> inputs = KernelHarness.random(spec.operands(), spec.hashCode());
    List<double[]> found = KernelHarness.run(spec, inputs, lie);
    for (int i = 0; i < found.size(); i++) {
      TensorType type = spec.results().get(i);
      Value.Array expected = ExpressionReference.evaluate(spec.expressions().get(i), inputs, type);
      double epsilon = KernelHarness.epsilon(type.dtype());
      KernelHarness.assertClose(
          expected, found.get(i), relative * epsilon, epsilon * 1e-3, spec + " " + lie);
    }
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
        for (Lie lie : Lie.values()) {
          var operands = operands(fn, type, domain);
          check(spec(domain, safe(fn, type), operands, result(fn, type)), lie, 8);
        }
      }
    }
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
      double relative = KernelHarness.epsilon(to) / KernelHarness.epsilon(DType.F32);
      check(spec, Lie.PADDED, Math.max(2, 2 * relative));
    }
  }

  @ParameterizedTest
  @EnumSource
  void operandsBroadcastOverEveryDomain(Lie lie) {
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
      List<Value.Array> inputs = KernelHarness.random(operands, 5);
      Value.Array expected = ExpressionReference.evaluate(sum, inputs, spec.results().getFirst());
      // Two products and a sum of about 1 in magnitude, each rounded once.
      KernelHarness.assertClose(
          expected, KernelHarness.run(spec, inputs, lie).getFirst(), 0, 0x1p-20, spec + " " + lie);
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
    Value.Array a = KernelHarness.random(type, 1);
    Value.Array b = KernelHarness.random(type, 2);
    try (Arena arena = Arena.ofConfined();
        WorkerPool pool = new WorkerPool(1)) {
      List<Operand> both =
          List.of(
              KernelHarness.operand(arena, a, Lie.PADDED),
              KernelHarness.operand(arena, b, Lie.PADDED));
      pool.run(KernelFactory.bind(spec, both, both));
      double[] difference = KernelHarness.elements(both.get(0));
      double[] sum = KernelHarness.elements(both.get(1));
      for (int i = 0; i < sum.length; i++) {
        assertEquals((float) a.get(i) - (float) b.get(i), difference[i]);
        assertEquals((float) a.get(i) + (float) b.get(i), sum[i]);
      }
    }
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
