package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import io.griffinfly.engine.vulkan.ProductVariants;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every way in which GPUs compute matrix products, also those that no prediction would choose for
/// shapes as small as a test's.
class ProductVariantTest {
  /// swiglu(product · scale, gate) + residual; the scale is one a row.
  private static final ScalarExpr EPILOGUE =
      ScalarExpr.apply(
          ScalarFn.ADD,
          ScalarExpr.apply(ScalarFn.SWIGLU, ScalarExpr.apply(ScalarFn.MUL, arg(0), arg(1)), arg(2)),
          arg(3));

  /// Extents of batch, m, n and k.
  private static final int[][] TILES = {{1, 132, 68, 100}, {2, 67, 131, 53}, {1, 64, 64, 96}};

  private static final int[][] VECTORS = {
    {1, 1, 96, 64},
    {1, 1, 100, 260},
    {3, 2, 37, 45},
    {1, 1, 64, 1536},
    {2, 3, 44, 132},
    {1, 8, 33, 7},
    {1, 4, 1, 400}
  };

  private static final DType[] TYPES = {DType.F32, DType.F16, DType.F32, DType.BF16};

  static Stream<Subject> gpus() {
    return SoftwareVulkan.asGpusIfPresent().stream();
  }

  /// Subgroups make no difference to tiles.
  static Stream<Subject> gpu() {
    return gpus().limit(1);
  }

  @ParameterizedTest
  @MethodSource("gpu")
  void everyTileAgreesWithTheReference(Subject subject) {
    int turn = 0;
    for (Map.Entry<String, Schedule> variant : ProductVariants.tiles().entrySet()) {
      for (int[] extents : TILES) {
        assertTrue(check(subject, variant, extents, turn++), variant.getKey());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("gpus")
  void everyWayOfFewRowsAgreesWithTheReference(Subject subject) {
    int turn = 0;
    int checked = 0;
    for (Map.Entry<String, Schedule> variant : ProductVariants.vectors().entrySet()) {
      for (int[] extents : VECTORS) {
        for (int i = 0; i < 4; i++) {
          checked += check(subject, variant, extents, turn++) ? 1 : 0;
        }
        turn++;
      }
    }
    assertTrue(checked > 60, "only " + checked);
  }

  /// One of the orientations, types and layouts, in turn.
  ///
  /// @return whether the schedule takes it
  private static boolean check(
      Subject subject, Map.Entry<String, Schedule> variant, int[] extents, int turn) {
    int batch = extents[0];
    int m = extents[1];
    int n = extents[2];
    int k = extents[3];
    boolean left = (turn & 1) != 0;
    boolean right = (turn & 2) != 0;
    DType type = TYPES[turn / 4 % TYPES.length];
    Lie lie = turn % 3 == 0 ? Lie.DENSE : Subject.allLies().get(turn / 3 % 4);
    TensorType a = left ? TensorType.of(type, batch, k, m) : TensorType.of(type, batch, m, k);
    // One weight for every matrix of the batch.
    TensorType b = right ? TensorType.of(type, n, k) : TensorType.of(type, k, n);
    TensorType scale = TensorType.of(DType.F32, m, 1);
    TensorType gate = TensorType.of(type, batch, m, n);
    TensorType residual = TensorType.of(DType.F32, n);
    List<TensorType> operands = List.of(a, b, scale, gate, residual);
    DType stored = turn % 5 == 0 ? DType.F16 : DType.F32;
    KernelSpec.Contract spec =
        new KernelSpec.Contract(
            left, right, EPILOGUE, operands, List.of(TensorType.of(stored, batch, m, n)));
    if (!KernelRun.takes(variant.getValue(), subject, spec, lie)) {
      return false;
    }
    List<Value.Array> inputs = KernelData.random(operands, 3);
    Value.Array expected =
        (Value.Array) Interpreter.apply(new Contract.FusedMatMul(left, right, EPILOGUE), inputs);
    double[] found = KernelRun.by(variant.getValue(), subject, spec, inputs, lie).getFirst();
    String what = variant.getKey() + " " + spec + " " + lie;
    double absolute = 64 * KernelData.epsilon(DType.F32) * k + 2 * KernelData.epsilon(stored);
    KernelData.assertClose(expected, found, 4 * KernelData.epsilon(stored), absolute, what);
    subject.requireNoComplaints();
    return true;
  }
}
