package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Products of halves on the matrix units of subgroups, against the products of the same halves in
/// double precision.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.FRAGMENTS)
class FragmentKernelTest {
  private static final String SCHEDULE = "fragments";

  /// swiglu(product · scale, gate) + residual; the scale is one a row, the residual one a column.
  private static final ScalarExpr EPILOGUE =
      ScalarExpr.apply(
          ScalarFn.ADD,
          ScalarExpr.apply(ScalarFn.SWIGLU, ScalarExpr.apply(ScalarFn.MUL, arg(0), arg(1)), arg(2)),
          arg(3));

  private final Subject subject;

  FragmentKernelTest(Subject subject) {
    this.subject = subject;
  }

  /// A product of a batch of left operands and one right operand, or as many.
  private record Case(
      int batch, int m, int n, int k, boolean left, boolean right, boolean shared, DType stored) {
    KernelSpec.Contract spec(ScalarExpr epilogue) {
      TensorType a = left ? halves(batch, k, m) : halves(batch, m, k);
      int matrices = shared ? 1 : batch;
      TensorType b = right ? halves(matrices, n, k) : halves(matrices, k, n);
      List<TensorType> operands =
          epilogue.equals(EPILOGUE)
              ? List.of(
                  a,
                  b,
                  TensorType.of(DType.F32, m, 1),
                  halves(batch, m, n),
                  TensorType.of(DType.F32, n))
              : List.of(a, b);
      return new KernelSpec.Contract(
          left, right, epilogue, operands, List.of(TensorType.of(stored, batch, m, n)));
    }

    private static TensorType halves(int... dims) {
      return TensorType.of(DType.F16, dims);
    }
  }

  private void check(Schedule schedule, Case product, ScalarExpr epilogue, Lie lie) {
    KernelSpec.Contract spec = product.spec(epilogue);
    List<Value.Array> inputs = KernelData.random(spec.operands(), 3);
    var op = new Contract.FusedMatMul(product.left, product.right, epilogue);
    Value.Array expected = (Value.Array) Interpreter.apply(op, inputs);
    double[] found = KernelRun.by(schedule, subject, spec, inputs, lie).getFirst();
    double epsilon = KernelData.epsilon(product.stored);
    double absolute = 64 * KernelData.epsilon(DType.F32) * product.k + 2 * epsilon;
    KernelData.assertClose(expected, found, 4 * epsilon, absolute, product + " " + lie);
    subject.requireNoComplaints();
  }

  private Schedule usual() {
    return subject.devices().getFirst().schedules().stream()
        .filter(schedule -> schedule.name().equals(SCHEDULE))
        .findFirst()
        .orElseThrow();
  }

  /// The least product that is taken, edges on one side and on both, depths that end inside a part,
  /// one part of the depth and many: drivers on a CPU take half a minute for what lies between,
  /// which is written out. Where memory is contiguous along an extent, that is a multiple of eight.
  @ParameterizedTest
  @CsvSource({
    "16,16,16,true,true", "136,72,776,true,true",
    "17,24,40,false,false", "37,72,776,false,false",
    "19,16,16,false,true", "133,71,776,false,true",
    "16,16,19,true,false", "136,72,769,true,false",
  })
  void orientations(int m, int n, int k, boolean left, boolean right) {
    Schedule usual = usual();
    check(usual, new Case(1, m, n, k, left, right, false, DType.F32), arg(0), Lie.DENSE);
    check(usual, new Case(3, m, n, k, left, right, k == 776, DType.F16), EPILOGUE, Lie.WIDE);
  }

  /// Every way of cutting a product, whole tiles and edges, the depth at once and in parts.
  @ParameterizedTest
  @CsvSource({"128,128,2304,false,true", "69,72,2304,false,false"})
  void tiles(int m, int n, int k, boolean left, boolean right) {
    int checked = 0;
    for (Map.Entry<String, Schedule> variant :
        ProductVariants.fragments(SoftwareVulkan.requireFragments()).entrySet()) {
      DType stored = checked % 2 == 0 ? DType.F32 : DType.F16;
      Case product = new Case(1, m, n, k, left, right, false, stored);
      if (KernelRun.takes(variant.getValue(), subject, product.spec(EPILOGUE), Lie.DENSE)) {
        check(variant.getValue(), product, EPILOGUE, Lie.DENSE);
        checked++;
      }
    }
    assertEquals(18, checked);
  }

  /// Groups of eight halves have to lie together.
  @ParameterizedTest
  @CsvSource({"PADDED,16,16", "SPACED,16,16", "DENSE,16,20", "DENSE,15,16", "DENSE,16,8"})
  void whatDoesNotLieInGroupsIsLeftToOthers(Lie lie, int m, int k) {
    Case product = new Case(1, m, 16, k, false, true, false, DType.F32);
    assertEquals(false, KernelRun.takes(usual(), subject, product.spec(arg(0)), lie));
  }
}
