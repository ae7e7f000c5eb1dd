package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import io.griffinfly.engine.vulkan.ProductVariants;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Products of a few rows together with the norm in front of them and with what their halves of
/// columns become, in every way in which GPUs compute them, against the reference.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.GPUS)
class VectorJoinKernelTest {
  /// What is joined to a product.
  enum Form {
    NORM(true, false, false),
    PAIRS(false, true, false),
    PAIRS_AND_PRODUCT(false, true, true),
    NORM_AND_PAIRS(true, true, false),
    NORM_PAIRS_AND_PRODUCT(true, true, true);

    private final boolean normed;
    private final boolean pairs;
    private final boolean keeps;

    Form(boolean normed, boolean pairs, boolean keeps) {
      this.normed = normed;
      this.pairs = pairs;
      this.keeps = keeps;
    }
  }

  /// Rows, columns of the result, and depths that reads of four divide, and others.
  private static final int[][] EXTENTS = {
    {1, 96, 64}, {1, 37, 260}, {2, 33, 45}, {1, 20, 1536}, {3, 21, 132}, {4, 5, 7}, {8, 18, 40}
  };

  private static final DType[] TYPES = {DType.F32, DType.F16, DType.F32, DType.BF16};

  /// As large as the squares' mean, so that it cannot be forgotten.
  private static final Norm.RmsNorm NORM = new Norm.RmsNorm(2.5);

  /// (product + residual) · scale; the scale is one a row.
  private static final ScalarExpr EPILOGUE =
      ScalarExpr.apply(ScalarFn.MUL, ScalarExpr.apply(ScalarFn.ADD, arg(0), arg(1)), arg(2));

  private final Subject subject;

  VectorJoinKernelTest(Subject subject) {
    this.subject = subject;
  }

  /// A case: a spec, what it reads, and what comes of it.
  private record Case(KernelSpec spec, List<Value.Array> operands, List<Value.Array> expected) {}

  /// Normal numbers whose sizes differ from row to row, so that the scale of one is not another's.
  private static Value.Array rows(DType type, int m, int k) {
    Value.Array normal = KernelData.random(TensorType.of(type, m, k), 1);
    double[] data = new double[normal.size()];
    Arrays.setAll(data, i -> type.round(normal.get(i) * (1 + Math.floorDiv(i, k) * 0.5)));
    return Value.Array.of(normal.type(), data);
  }

  /// A weight whose products over k elements are of unit size.
  private static Value.Array weight(TensorType type, int k) {
    Value.Array normal = KernelData.random(type, 3);
    double[] data = new double[normal.size()];
    Arrays.setAll(data, i -> type.dtype().round(normal.get(i) / Math.sqrt(k)));
    return Value.Array.of(type, data);
  }

  private static List<TensorType> types(List<Value.Array> arrays) {
    return arrays.stream().map(Value.Array::type).toList();
  }

  private static Value.Array single(Value.Array array) {
    return Value.Array.of(TensorType.of(DType.F32, array.type().shape().dims()), array.data());
  }

  private static Case of(Form form, int[] extents, boolean right, DType type, DType stored) {
    int m = extents[0];
    int k = extents[2];
    int n = form.pairs ? 2 * extents[1] : extents[1];
    Value.Array x = rows(form.normed ? DType.F32 : type, m, k);
    Value.Array gain = KernelData.random(TensorType.of(DType.F32, k), 2);
    Value.Array weight = weight(right ? TensorType.of(type, n, k) : TensorType.of(type, k, n), k);
    Value.Array rows = form.normed ? (Value.Array) Interpreter.apply(NORM, List.of(x, gain)) : x;
    List<Value.Array> others = new ArrayList<>();
    if (!form.pairs) {
      others.add(KernelData.random(TensorType.of(DType.F32, m, n), 4));
    }
    others.add(KernelData.random(TensorType.of(DType.F32, m, 1), 5));
    List<TensorType> read = new ArrayList<>(List.of(TensorType.of(type, m, k), weight.type()));
    read.addAll(types(others));
    TensorType result = TensorType.of(stored, m, extents[1]);
    ScalarExpr epilogue = form.pairs ? arg(0) : EPILOGUE;
    TensorType all = form.pairs ? TensorType.of(DType.F32, m, n) : result;
    KernelSpec.Contract product =
        new KernelSpec.Contract(
            false, right, epilogue, form.pairs ? read.subList(0, 2) : read, List.of(all));
    List<Value.Array> factors = new ArrayList<>(List.of(single(rows), single(weight)));
    factors.addAll(form.pairs ? List.of() : others);
    Value.Array sums =
        (Value.Array) Interpreter.apply(new Contract.FusedMatMul(false, right, epilogue), factors);
    KernelSpec.OfRows then = form.pairs ? paired(product, form, read, result) : product;
    List<Value.Array> expected = new ArrayList<>();
    if (form.pairs) {
      expected.addAll(form.keeps ? List.of(sums) : List.of());
      expected.add(together(sums, others.getFirst()));
    } else {
      expected.add(sums);
    }
    List<Value.Array> operands = new ArrayList<>(form.normed ? List.of(x, gain) : List.of(x));
    operands.add(weight);
    operands.addAll(others);
    KernelSpec spec =
        form.normed ? new KernelSpec.AfterNorm(NORM, then, types(operands), then.results()) : then;
    return new Case(spec, operands, expected);
  }

  private static KernelSpec.Paired paired(
      KernelSpec.Contract product, Form form, List<TensorType> read, TensorType result) {
    ScalarExpr swiglu = ScalarExpr.apply(ScalarFn.SWIGLU, arg(0), arg(1));
    ScalarExpr scaled = ScalarExpr.apply(ScalarFn.MUL, swiglu, arg(2));
    return new KernelSpec.Paired(
        product,
        form.keeps,
        result.dtype() == DType.F32 ? scaled : new ScalarExpr.Convert(result.dtype(), scaled),
        read,
        form.keeps ? List.of(product.results().getFirst(), result) : List.of(result));
  }

  /// swiglu(gate, up) · scale from one product of both.
  private static Value.Array together(Value.Array both, Value.Array scale) {
    int m = both.type().shape().dim(0);
    int n = both.type().shape().dim(1) / 2;
    double[] data = new double[m * n];
    for (int i = 0; i < data.length; i++) {
      int row = i / n;
      double gate = both.get(row * 2 * n + i % n);
      double up = both.get(row * 2 * n + n + i % n);
      data[i] = gate / (1 + Math.exp(-gate)) * up * scale.get(row);
    }
    return Value.Array.of(TensorType.of(DType.F32, m, n), data);
  }

  @ParameterizedTest
  @EnumSource
  void everyWayAgreesWithTheReference(Form form) {
    int turn = form.keeps ? 2 : form.pairs ? 1 : 0;
    int checked = 0;
    for (Map.Entry<String, Schedule> variant : ProductVariants.vectorJoins().entrySet()) {
      for (int[] extents : EXTENTS) {
        checked += check(variant, form, extents, turn++) ? 1 : 0;
      }
    }
    assertTrue(checked >= 12, "only " + checked);
  }

  /// One of the types and layouts, in turn.
  ///
  /// @return whether the schedule takes it
  private boolean check(Map.Entry<String, Schedule> variant, Form form, int[] extents, int turn) {
    Lie lie = turn % 3 == 0 ? Lie.DENSE : Subject.allLies().get(turn / 3 % 4);
    DType stored = turn % 5 == 0 ? DType.F16 : DType.F32;
    // In the opposite order of axes, a weight lies along the depth as it is.
    Case made = of(form, extents, lie != Lie.REVERSED, TYPES[turn % TYPES.length], stored);
    if (!KernelRun.takes(variant.getValue(), subject, made.spec, lie)) {
      return false;
    }
    List<double[]> found = KernelRun.by(variant.getValue(), subject, made.spec, made.operands, lie);
    assertEquals(made.expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      double epsilon = KernelData.epsilon(made.spec.results().get(i).dtype());
      double absolute = 200 * KernelData.epsilon(DType.F32) + 2 * epsilon;
      String what = variant.getKey() + " " + made.spec + " " + lie + " result " + i;
      KernelData.assertClose(made.expected.get(i), found.get(i), 8 * epsilon, absolute, what);
    }
    subject.requireNoComplaints();
    return true;
  }

  private boolean takes(KernelSpec spec, Lie lie) {
    return ProductVariants.vectorJoins().values().stream()
        .anyMatch(each -> KernelRun.takes(each, subject, spec, lie));
  }

  @ParameterizedTest
  @EnumSource
  void refusesManyRowsAndWeightsAcrossTheDepth(Form form) {
    assertTrue(takes(of(form, new int[] {8, 6, 8}, true, DType.F32, DType.F32).spec, Lie.DENSE));
    assertFalse(takes(of(form, new int[] {9, 6, 8}, true, DType.F32, DType.F32).spec, Lie.DENSE));
    assertFalse(takes(of(form, new int[] {1, 6, 8}, false, DType.F32, DType.F32).spec, Lie.DENSE));
    assertFalse(takes(of(form, new int[] {1, 6, 8}, true, DType.F32, DType.I32).spec, Lie.DENSE));
  }

  @Test
  void devicesThatAreNoGpusRefuse() {
    KernelSpec spec = of(Form.NORM_AND_PAIRS, new int[] {1, 6, 8}, true, DType.F32, DType.F32).spec;
    Subjects.all()
        .forEach(other ->
            assertEquals(
                List.of(),
                KernelRun.schedules(other.devices().getFirst(), spec, Lie.DENSE),
                other::toString));
  }
}
