package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;
import static io.griffinfly.engine.conformance.KernelData.number;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.conformance.WideCase.Storage;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.plan.Device;
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

/// Folds and what is computed element by element.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.GPUS)
class WideElementKernelTest {
  private final Subject subject;

  WideElementKernelTest(Subject subject) {
    this.subject = subject;
  }

  private static List<List<Integer>> choices(int rank) {
    List<List<Integer>> choices = new ArrayList<>();
    for (int bits = 1; bits < 1 << rank; bits++) {
      int chosen = bits;
      choices.add(IntStream.range(0, rank).boxed().filter(a -> (chosen >> a & 1) == 1).toList());
    }
    return choices;
  }

  private static final ScalarExpr PRODUCT = ScalarExpr.apply(ScalarFn.MUL, arg(0), arg(1));

  private void fold(ReduceFn fn, Shape domain, List<Integer> axes, Storage storage) {
    List<TensorType> operands =
        List.of(
            new TensorType(storage.operand, domain),
            new TensorType(storage.operand, Shape.of(domain.dim(-1))));
    int[] kept =
        IntStream.range(0, domain.rank())
            .filter(axis -> !axes.contains(axis))
            .map(domain::dim)
            .toArray();
    // The product is taken in single precision whatever the storage is.
    ScalarExpr prologue =
        ScalarExpr.apply(
            ScalarFn.MUL,
            new ScalarExpr.Convert(DType.F32, arg(0)),
            new ScalarExpr.Convert(DType.F32, arg(1)));
    KernelSpec spec =
        new KernelSpec.Fold(
            fn, prologue, domain, axes, operands, List.of(TensorType.of(storage.result, kept)));
    List<Value.Array> inputs = KernelData.random(operands, 11);
    Value.Array values =
        ExpressionReference.evaluate(
            PRODUCT,
            inputs.stream().map(WideCase::single).toList(),
            new TensorType(DType.F32, domain));
    Value.Array expected =
        (Value.Array) Interpreter.apply(new Reduce.Fold(fn, axes, false), List.of(values));
    double length = (double) domain.size() / Math.max(1, expected.size());
    WideCase.check(subject, spec, inputs, List.of(expected), 8 * length);
  }

  @ParameterizedTest
  @EnumSource
  void folds(ReduceFn fn) {
    for (Shape domain :
        List.of(Shape.of(8), Shape.of(129, 36), Shape.of(70, 1, 260), Shape.of(3, 7, 2, 20))) {
      for (List<Integer> axes : choices(domain.rank())) {
        long folded = axes.stream().mapToLong(domain::dim).reduce(1, (a, b) -> a * b);
        if (folded > 1) {
          fold(fn, domain, axes, Storage.SINGLE);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void foldsOfEveryStorage(Storage storage) {
    for (List<Integer> axes : choices(2)) {
      fold(ReduceFn.SUM, Shape.of(70, 600), axes, storage);
      fold(ReduceFn.MAX, Shape.of(9, 24), axes, storage);
    }
  }

  @ParameterizedTest
  @EnumSource
  void longFoldsAreCutIntoChunks(ReduceFn fn) {
    fold(fn, Shape.of(2, 40_004), List.of(1), Storage.SINGLE);
    fold(fn, Shape.of(2, 40_004), List.of(0, 1), Storage.SINGLE);
    fold(fn, Shape.of(9_001, 12), List.of(0), Storage.SINGLE);
    fold(fn, Shape.of(200, 20_004), List.of(1), Storage.SINGLE);
    fold(fn, Shape.of(3, 9_100, 4), List.of(1), Storage.HALF_TO_SINGLE);
  }

  private static final List<Shape> DOMAINS =
      List.of(
          Shape.of(8),
          Shape.of(3, 1, 20),
          Shape.of(2, 3, 5, 12),
          Shape.of(33, 72),
          Shape.of(70_004));

  @ParameterizedTest
  @EnumSource
  void pointwise(Storage storage) {
    // choose ? a · row + column / 2 : tanh(a)
    ScalarExpr sum =
        ScalarExpr.apply(
            ScalarFn.ADD,
            ScalarExpr.apply(ScalarFn.MUL, arg(0), arg(1)),
            ScalarExpr.apply(ScalarFn.MUL, arg(2), number(0.5)));
    ScalarExpr expression =
        ScalarExpr.apply(ScalarFn.SELECT, arg(3), sum, ScalarExpr.apply(ScalarFn.TANH, arg(0)));
    for (Shape domain : DOMAINS) {
      List<TensorType> operands =
          List.of(
              new TensorType(storage.operand, domain),
              new TensorType(storage.operand, Shape.of(domain.dim(-1))),
              new TensorType(storage.operand, domain.with(-1, 1)),
              new TensorType(DType.BOOL, domain));
      KernelSpec spec =
          new KernelSpec.Pointwise(
              domain,
              List.of(expression),
              operands,
              List.of(new TensorType(storage.result, domain)));
      List<Value.Array> inputs = KernelData.random(operands, 5);
      List<Value.Array> singles =
          inputs.stream()
              .map(each -> each.dtype().isFloat() ? WideCase.single(each) : each)
              .toList();
      TensorType type = new TensorType(DType.F32, domain);
      WideCase.check(
          subject,
          spec,
          inputs,
          List.of(ExpressionReference.evaluate(expression, singles, type)),
          32);
    }
  }

  @Test
  void fills() {
    Shape domain = Shape.of(7, 12);
    TensorType type = new TensorType(DType.F32, domain);
    KernelSpec spec =
        new KernelSpec.Pointwise(domain, List.of(number(0.25)), List.of(), List.of(type));
    List<Value.Array> expected =
        List.of(ExpressionReference.evaluate(number(0.25), List.of(), type));
    WideCase.check(subject, spec, List.of(), expected, 0);
  }

  @Test
  void severalResultsMayReadWhatTheyOverwrite() {
    Shape domain = Shape.of(9, 40);
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
      try (KernelRun run = KernelRun.inPlace(device, WideCase.WIDE, spec, Lie.SPACED)) {
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
}
