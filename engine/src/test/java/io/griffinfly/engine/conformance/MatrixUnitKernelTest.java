package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Products on the matrix units of workgroups, alone and joined with what follows them, against the
/// reference in double precision of the same halves.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.MATRIX_UNITS)
class MatrixUnitKernelTest {
  /// Extents of batch, m, n and k: what tiles divide, and what they do not; strides are multiples
  /// of 8 all the same, as addresses of tensors demand.
  private static final int[][] EXTENTS = {
    {1, 128, 128, 96}, {2, 72, 136, 48}, {1, 40, 200, 104}, {3, 16, 24, 16}
  };

  /// Where a second store of a gradient is clamped.
  private static final double LARGEST = 0.25;

  private static final ScalarExpr SUM = arg(0);

  private final Subject subject;

  MatrixUnitKernelTest(Subject subject) {
    this.subject = subject;
  }

  /// (product + residual) · scale; the scale is one a row.
  private static final ScalarExpr EPILOGUE =
      ScalarExpr.apply(ScalarFn.MUL, ScalarExpr.apply(ScalarFn.ADD, SUM, arg(1)), arg(2));

  /// Halves whose products over k of them are of unit size.
  private static Value.Array factor(long seed, int k, int... dims) {
    Value.Array normal = KernelData.random(TensorType.of(DType.F32, dims), seed);
    double scale = 1 / Math.sqrt(k);
    double[] data = new double[normal.size()];
    for (int i = 0; i < data.length; i++) {
      data[i] = DType.F16.round(normal.get(i) * scale);
    }
    return Value.Array.of(TensorType.of(DType.F16, dims), data);
  }

  private static Value.Array single(long seed, int... dims) {
    return KernelData.random(TensorType.of(DType.F32, dims), seed);
  }

  private static List<TensorType> types(List<Value.Array> arrays) {
    return arrays.stream().map(Value.Array::type).toList();
  }

  private static Value.Array product(
      boolean left, boolean right, ScalarExpr epilogue, List<Value.Array> operands) {
    List<Value.Array> wide = operands.stream().map(WideCase::single).toList();
    return (Value.Array) Interpreter.apply(new Contract.FusedMatMul(left, right, epilogue), wide);
  }

  @Test
  void everyTileAgreesWithTheReference() {
    int turn = 0;
    for (Map.Entry<String, Schedule> variant : ProductVariants.matrixUnits().entrySet()) {
      for (int[] e : EXTENTS) {
        check(variant, e, turn, turn % 5 < 2 ? DType.F16 : DType.F32);
        turn++;
      }
    }
  }

  private void check(Map.Entry<String, Schedule> variant, int[] e, int turn, DType stored) {
    boolean left = (turn & 1) != 0;
    boolean right = (turn & 2) != 0;
    boolean plain = turn % 3 == 0;
    int k = e[3];
    // Rows that no tile divides, where they are not a stride of the left operand.
    int m = left ? e[1] : e[1] + 3;
    List<Value.Array> operands = new ArrayList<>();
    operands.add(left ? factor(1, k, e[0], k, m) : factor(1, k, e[0], m, k));
    operands.add(right ? factor(2, 1, e[2], k) : factor(2, 1, k, e[2]));
    if (!plain) {
      operands.add(single(3, e[0], m, e[2]));
      operands.add(single(4, m, 1));
    }
    ScalarExpr epilogue = plain ? SUM : EPILOGUE;
    TensorType result = TensorType.of(stored, e[0], m, e[2]);
    KernelSpec spec =
        new KernelSpec.Contract(left, right, epilogue, types(operands), List.of(result));
    Value.Array expected = product(left, right, epilogue, operands);
    double[] found =
        KernelRun.by(variant.getValue(), subject, spec, operands, Lie.DENSE).getFirst();
    subject.requireNoComplaints();
    assertClose(expected, found, result, variant.getKey() + " " + spec);
  }

  /// Sums of a hundred terms, stored.
  private static void assertClose(
      Value.Array expected, double[] found, TensorType type, String what) {
    double epsilon = KernelData.epsilon(type.dtype());
    double absolute = epsilon + 200 * KernelData.epsilon(DType.F32);
    KernelData.assertClose(expected, found, 4 * epsilon, absolute, what);
  }

  private void check(
      String schedule, KernelSpec spec, List<Value.Array> operands, List<Value.Array> expected) {
    List<double[]> found = KernelRun.by(schedule, subject, spec, operands, Lie.DENSE);
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      assertClose(expected.get(i), found.get(i), spec.results().get(i), spec + " result " + i);
    }
  }

  private static KernelSpec.Contract contract(
      boolean right, ScalarExpr epilogue, List<Value.Array> operands, int m, int n) {
    TensorType result = TensorType.of(DType.F32, m, n);
    return new KernelSpec.Contract(false, right, epilogue, types(operands), List.of(result));
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 72, 37})
  void normsAddUpThePartsOfAProduct(int m) {
    for (boolean keeps : new boolean[] {false, true}) {
      normAddsUp(m, 64, 576, keeps);
      normAddsUp(m, 136, 72, keeps);
    }
  }

  /// So much work that every part is one step.
  @Test
  void normsAddUpManyParts() {
    normAddsUp(125, 576, 1536, true);
  }

  private void normAddsUp(int m, int n, int k, boolean keeps) {
    ScalarExpr residual = ScalarExpr.apply(ScalarFn.ADD, arg(1), SUM);
    List<Value.Array> operands =
        new ArrayList<>(List.of(factor(1, k, m, k), factor(2, 1, n, k), single(3, m, n)));
    KernelSpec.Contract product = contract(true, residual, operands, m, n);
    Value.Array sum = product(false, true, residual, operands);
    operands.add(single(4, n));
    Norm norm = new Norm.RmsNorm(1e-5);
    Value.Array normed = (Value.Array) Interpreter.apply(norm, List.of(sum, operands.get(3)));
    TensorType stored = TensorType.of(DType.F16, m, n);
    List<TensorType> results = new ArrayList<>(keeps ? product.results() : List.of());
    results.add(stored);
    KernelSpec spec =
        new KernelSpec.Normed(product, norm, keeps, false, SUM, types(operands), results);
    check("matrix units, norm", spec, operands, keeps ? List.of(sum, normed) : List.of(normed));
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 37})
  void gradientsOfNormsAddUpThePartsOfAProduct(int m) {
    int n = 72;
    int k = 208;
    for (boolean accumulates : new boolean[] {false, true}) {
      List<Value.Array> operands = new ArrayList<>(List.of(factor(1, k, m, k), factor(2, 1, k, n)));
      KernelSpec.Contract product = contract(false, SUM, operands, m, n);
      Value.Array upstream = product(false, false, SUM, operands);
      operands.add(single(3, m, n));
      operands.add(single(4, n));
      Norm norm = new Norm.RmsNormGrad(1e-5);
      List<Value.Array> gradients =
          DirectKernelTest.reference(norm, List.of(operands.get(2), operands.get(3), upstream));
      Value.Array dx = gradients.get(0);
      List<TensorType> results =
          new ArrayList<>(List.of(TensorType.of(DType.F32, m, n), TensorType.of(DType.F32, n)));
      List<Value.Array> expected = new ArrayList<>(List.of(dx, gradients.get(1)));
      ScalarExpr also = SUM;
      if (accumulates) {
        operands.add(single(5, m, n));
        Value.Array sum = added(dx, operands.getLast());
        expected.set(0, sum);
        Value.Array scale = single(6);
        operands.add(scale);
        also =
            new ScalarExpr.Convert(DType.F16, clamped(ScalarExpr.apply(ScalarFn.MUL, SUM, arg(1))));
        expected.add(clamped(sum, scale.get(0)));
        results.add(TensorType.of(DType.F16, m, n));
      }
      KernelSpec spec =
          new KernelSpec.Normed(product, norm, false, accumulates, also, types(operands), results);
      check("matrix units, norm", spec, operands, expected);
    }
  }

  private static ScalarExpr clamped(ScalarExpr value) {
    ScalarExpr above = ScalarExpr.apply(ScalarFn.MAX, value, new ScalarExpr.Scalar(-LARGEST));
    return ScalarExpr.apply(ScalarFn.MIN, above, new ScalarExpr.Scalar(LARGEST));
  }

  private static Value.Array clamped(Value.Array x, double factor) {
    double[] data =
        Arrays.stream(x.data()).map(e -> Math.clamp(e * factor, -LARGEST, LARGEST)).toArray();
    assertTrue(Arrays.stream(data).anyMatch(e -> Math.abs(e) == LARGEST));
    return Value.Array.of(x.type(), data);
  }

  private static Value.Array added(Value.Array a, Value.Array b) {
    double[] sum = IntStream.range(0, a.size()).mapToDouble(i -> a.get(i) + b.get(i)).toArray();
    return Value.Array.of(a.type(), sum);
  }

  /// swiglu(gate, up) · scale from one product of both.
  @ParameterizedTest
  @ValueSource(ints = {64, 40, 130})
  void halvesOfColumnsComeTogether(int m) {
    for (int[] e : new int[][] {{64, 384, 0}, {40, 72, 0}, {96, 104, 1}}) {
      int n = e[0];
      int k = e[1];
      boolean keeps = e[2] == 1;
      List<Value.Array> operands =
          new ArrayList<>(List.of(factor(1, k, m, k), factor(2, 1, 2 * n, k)));
      KernelSpec.Contract product = contract(true, SUM, operands, m, 2 * n);
      Value.Array both = product(false, true, SUM, operands);
      operands.add(single(3, m, 1));
      ScalarExpr swiglu = ScalarExpr.apply(ScalarFn.SWIGLU, arg(0), arg(1));
      ScalarExpr expression = ScalarExpr.apply(ScalarFn.MUL, swiglu, arg(2));
      double[] expected = new double[m * n];
      for (int i = 0; i < expected.length; i++) {
        int row = i / n;
        double gate = both.get(row * 2 * n + i % n);
        double up = both.get(row * 2 * n + n + i % n);
        expected[i] = gate / (1 + Math.exp(-gate)) * up * operands.get(2).get(row);
      }
      TensorType result = TensorType.of(DType.F16, m, n);
      KernelSpec spec =
          new KernelSpec.Paired(
              product,
              keeps,
              new ScalarExpr.Convert(DType.F16, expression),
              types(operands),
              keeps ? List.of(product.results().getFirst(), result) : List.of(result));
      Value.Array wanted = Value.Array.of(TensorType.of(DType.F32, m, n), expected);
      check("matrix units, pairs", spec, operands, keeps ? List.of(both, wanted) : List.of(wanted));
    }
  }

  /// The product times a factor of each row, itself, scaled and rounded, and gating another tensor.
  @ParameterizedTest
  @ValueSource(ints = {64, 37})
  void aSumBecomesSeveralValues(int m) {
    for (int[] e : new int[][] {{64, 96}, {72, 200}}) {
      int n = e[0];
      int k = e[1];
      List<Value.Array> operands =
          new ArrayList<>(List.of(factor(1, k, m, k), factor(2, 1, n, k), single(3, m, 1)));
      ScalarExpr times = ScalarExpr.apply(ScalarFn.MUL, SUM, arg(1));
      KernelSpec.Contract product = contract(true, times, operands, m, n);
      Value.Array sum = product(false, true, times, operands);
      operands.add(single(4, 1));
      operands.add(single(5, m, n));
      List<ScalarExpr> expressions =
          List.of(
              SUM,
              new ScalarExpr.Convert(DType.F16, ScalarExpr.apply(ScalarFn.MUL, SUM, arg(3))),
              ScalarExpr.apply(ScalarFn.ADD, arg(4), ScalarExpr.apply(ScalarFn.ABS, SUM)));
      TensorType type = TensorType.of(DType.F32, m, n);
      double scale = operands.get(3).get(0);
      double[] scaled = new double[m * n];
      double[] gated = new double[m * n];
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = sum.get(i) * scale;
        gated[i] = operands.get(4).get(i) + Math.abs(sum.get(i));
      }
      KernelSpec spec =
          new KernelSpec.Spread(
              product,
              expressions,
              types(operands),
              List.of(type, TensorType.of(DType.F16, m, n), type));
      check(
          "matrix units, values",
          spec,
          operands,
          List.of(sum, Value.Array.of(type, scaled), Value.Array.of(type, gated)));
    }
  }

  /// Queries and keys turned, values as they are, of sequences one behind the other.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void headsAreTurned(boolean inverse) {
    // Sequences, positions, size of a head, heads turned, all heads, depth.
    for (int[] e :
        new int[][] {{1, 64, 64, 3, 5, 96}, {1, 37, 32, 2, 2, 40}, {2, 32, 32, 1, 4, 208}}) {
      int positions = e[1];
      int size = e[2];
      int turned = e[3] * size;
      int m = e[0] * positions;
      int n = e[4] * size;
      int k = e[5];
      List<Value.Array> operands = new ArrayList<>(List.of(factor(1, k, m, k), factor(2, 1, n, k)));
      KernelSpec.Contract product = contract(true, SUM, operands, m, n);
      Value.Array sum = product(false, true, SUM, operands);
      operands.add(single(3, positions, size / 2));
      operands.add(single(4, positions, size / 2));
      Value.Array expected = TurnedHeads.of(sum, operands.get(2), operands.get(3), turned, inverse);
      TensorType result = TensorType.of(DType.F16, m, n);
      KernelSpec spec =
          new KernelSpec.Rotated(product, size, turned, inverse, types(operands), List.of(result));
      check("matrix units, rotary", spec, operands, List.of(expected));
    }
  }
}
