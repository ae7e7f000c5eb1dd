package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL)
class FoldKernelTest {
  private final Subject subject;

  FoldKernelTest(Subject subject) {
    this.subject = subject;
  }

  private static final List<Shape> DOMAINS =
      List.of(
          Shape.of(1),
          Shape.of(23),
          Shape.of(3, 5),
          Shape.of(129, 33),
          Shape.of(4, 1, 70),
          Shape.of(3, 7, 2, 19));

  /// Every choice of axes, none included.
  private static List<List<Integer>> choices(int rank) {
    List<List<Integer>> choices = new ArrayList<>();
    for (int bits = 0; bits < 1 << rank; bits++) {
      int chosen = bits;
      choices.add(IntStream.range(0, rank).boxed().filter(a -> (chosen >> a & 1) == 1).toList());
    }
    return choices;
  }

  private void check(
      ReduceFn fn, ScalarExpr prologue, Shape domain, List<Integer> axes, DType type, Lie lie) {
    List<TensorType> operands = new ArrayList<>();
    for (int i = 0; i < prologue.arity(); i++) {
      operands.add(new TensorType(type, i == 0 ? domain : Shape.of(domain.dim(-1))));
    }
    int[] kept =
        IntStream.range(0, domain.rank())
            .filter(axis -> !axes.contains(axis))
            .map(domain::dim)
            .toArray();
    KernelSpec.Fold spec =
        new KernelSpec.Fold(
            fn, prologue, domain, axes, operands, List.of(TensorType.of(type, kept)));
    List<Value.Array> inputs = KernelData.random(operands, 11);
    Value.Array values =
        ExpressionReference.evaluate(prologue, inputs, new TensorType(type, domain));
    Value.Array expected =
        (Value.Array) Interpreter.apply(new Reduce.Fold(fn, axes, false), List.of(values));
    double length = (double) domain.size() / Math.max(1, expected.size());
    double epsilon = KernelData.epsilon(type);
    // Elements are below 20 in magnitude; a sum of n of them in any order is off by at most
    // n·eps times the sum of magnitudes (Higham 2002, section 4.2).
    double absolute =
        switch (fn) {
          case SUM -> KernelData.epsilon(DType.F32) * length * length * 20;
          case MAX -> epsilon * 4;
        };
    KernelRun.all(subject, spec, inputs, lie)
        .forEach((schedule, found) ->
            KernelData.assertClose(
                expected,
                found.getFirst(),
                2 * epsilon,
                type.isFloat() ? absolute : 0,
                spec + " " + lie + " " + schedule));
  }

  @ParameterizedTest
  @EnumSource
  void everyChoiceOfAxesAgreesWithTheReference(ReduceFn fn) {
    ScalarExpr product = ScalarExpr.apply(ScalarFn.MUL, arg(0), arg(1));
    for (Shape domain : DOMAINS) {
      for (List<Integer> axes : choices(domain.rank())) {
        for (Lie lie : subject.lies()) {
          check(fn, product, domain, axes, DType.F32, lie);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyElementTypeAgreesWithTheReference(DType type) {
    if (type == DType.BOOL) {
      return;
    }
    for (ReduceFn fn : ReduceFn.values()) {
      for (List<Integer> axes : choices(3)) {
        check(fn, arg(0), Shape.of(5, 3, 17), axes, type, Lie.PADDED);
      }
    }
  }

  @Test
  void longRowsAreFoldedInChunks() {
    for (ReduceFn fn : ReduceFn.values()) {
      check(fn, arg(0), Shape.of(2, 40_001), List.of(1), DType.F32, Lie.DENSE);
      check(fn, arg(0), Shape.of(2, 40_001), List.of(0, 1), DType.F32, Lie.PADDED);
      check(fn, arg(0), Shape.of(70_003), List.of(0), DType.F32, Lie.DENSE);
    }
  }

  @Test
  void manyRowsAreAddedInChunks() {
    for (ReduceFn fn : ReduceFn.values()) {
      check(fn, arg(0), Shape.of(3000, 17), List.of(0), DType.F32, Lie.DENSE);
      check(fn, arg(0), Shape.of(200, 2500), List.of(0), DType.F32, Lie.PADDED);
      check(fn, arg(0), Shape.of(2, 700, 33), List.of(1), DType.F16, Lie.DENSE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFoldOfNothingIsNeutral(ReduceFn fn) {
    check(fn, arg(0), Shape.of(3, 0), List.of(1), DType.F32, Lie.DENSE);
    check(fn, arg(0), Shape.of(0, 3), List.of(0), DType.F32, Lie.DENSE);
    check(fn, arg(0), Shape.of(0, 3), List.of(1), DType.F32, Lie.DENSE);
  }
}
