package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.KernelHarness.arg;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.ShapeRules;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.jvm.KernelHarness.Lie;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContractKernelTest {
  /// relu(product + bias) · residual.
  private static final ScalarExpr EPILOGUE =
      ScalarExpr.apply(
          ScalarFn.MUL,
          ScalarExpr.apply(ScalarFn.RELU, ScalarExpr.apply(ScalarFn.ADD, arg(0), arg(1))),
          arg(2));

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void everyOrientationAgreesWithTheReference(DType type) {
    int[][][] shapes = {
      {{1, 1}, {1, 1}},
      {{3, 5}, {5, 7}},
      {{2, 1, 4, 9}, {3, 9, 6}},
      {{37, 19}, {19, 23}},
      {{33, 530}, {530, 70}},
    };
    for (int[][] shape : shapes) {
      for (int orientation = 0; orientation < 4; orientation++) {
        check(type, shape, (orientation & 1) != 0, (orientation & 2) != 0);
      }
    }
  }

  private static void check(DType type, int[][] shapes, boolean left, boolean right) {
    TensorType a = TensorType.of(type, left ? swapped(shapes[0]) : shapes[0]);
    TensorType b = TensorType.of(type, right ? swapped(shapes[1]) : shapes[1]);
    Contract op = new Contract.FusedMatMul(left, right, EPILOGUE);
    TensorType bias = TensorType.of(type, b.shape().dim(right ? -2 : -1));
    TensorType plain =
        (TensorType) ShapeRules.infer(new Contract.MatMul(left, right), List.of(a, b));
    List<TensorType> operands = List.of(a, b, bias, plain);
    KernelSpec.Contract spec =
        new KernelSpec.Contract(left, right, EPILOGUE, operands, List.of(plain));
    List<Value.Array> inputs = KernelHarness.random(operands, 3);
    Value.Array expected = (Value.Array) Interpreter.apply(op, inputs);
    double epsilon = KernelHarness.epsilon(type);
    for (Lie lie : Lie.values()) {
      for (JvmSchedule schedule : KernelHarness.schedules(spec, lie)) {
        KernelHarness.assertClose(
            expected,
            KernelHarness.run(schedule, spec, inputs, lie).getFirst(),
            4 * epsilon,
            64 * KernelHarness.epsilon(DType.F32) * spec.k(),
            schedule.name() + " " + spec + " " + lie);
      }
    }
  }

  @Test
  void fastSchedulesTakeWhatModelsAsk() {
    for (Lie lie : Lie.values()) {
      for (int orientation = 0; orientation < 4; orientation++) {
        boolean left = (orientation & 1) != 0;
        boolean right = (orientation & 2) != 0;
        List<String> expected = new ArrayList<>();
        // Reversed axes exchange the orientations.
        if (lie == Lie.REVERSED ? left && !right : !left && right) {
          expected.add("rows");
        }
        expected.add("tiles");
        expected.add("general");
        TensorType a = TensorType.of(DType.F32, left ? new int[] {9, 6} : new int[] {6, 9});
        TensorType b = TensorType.of(DType.F32, right ? new int[] {8, 9} : new int[] {9, 8});
        KernelSpec spec =
            new KernelSpec.Contract(
                left, right, arg(0), List.of(a, b), List.of(TensorType.of(DType.F32, 6, 8)));
        assertEquals(
            expected, KernelHarness.schedules(spec, lie).stream().map(JvmSchedule::name).toList());
      }
    }
  }

  private static int[] swapped(int[] dims) {
    int[] out = dims.clone();
    out[out.length - 1] = dims[dims.length - 2];
    out[out.length - 2] = dims[dims.length - 1];
    return out;
  }
}
