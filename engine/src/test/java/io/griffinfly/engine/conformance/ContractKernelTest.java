package io.griffinfly.engine.conformance;

import static io.griffinfly.engine.conformance.KernelData.arg;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.ShapeRules;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL_KINDS)
class ContractKernelTest {
  private final Subject subject;

  ContractKernelTest(Subject subject) {
    this.subject = subject;
  }

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
      {{5, 8}, {8, 4}},
      {{1, 64}, {64, 96}},
      {{36, 40}, {40, 68}},
      {{16, 50}, {50, 64}},
      {{2, 3, 20, 12}, {1, 12, 36}},
    };
    for (int[][] shape : shapes) {
      for (int orientation = 0; orientation < 4; orientation++) {
        check(type, shape, (orientation & 1) != 0, (orientation & 2) != 0);
      }
    }
  }

  private void check(DType type, int[][] shapes, boolean left, boolean right) {
    TensorType a = TensorType.of(type, left ? swapped(shapes[0]) : shapes[0]);
    TensorType b = TensorType.of(type, right ? swapped(shapes[1]) : shapes[1]);
    Contract op = new Contract.FusedMatMul(left, right, EPILOGUE);
    TensorType bias = TensorType.of(type, b.shape().dim(right ? -2 : -1));
    TensorType plain =
        (TensorType) ShapeRules.infer(new Contract.MatMul(left, right), List.of(a, b));
    List<TensorType> operands = List.of(a, b, bias, plain);
    KernelSpec.Contract spec =
        new KernelSpec.Contract(left, right, EPILOGUE, operands, List.of(plain));
    List<Value.Array> inputs = KernelData.random(operands, 3);
    Value.Array expected = (Value.Array) Interpreter.apply(op, inputs);
    double epsilon = KernelData.epsilon(type);
    for (Lie lie : type == DType.F32 ? subject.liesOfProducts() : subject.lies()) {
      KernelRun.all(subject, spec, inputs, lie)
          .forEach((schedule, found) ->
              KernelData.assertClose(
                  expected,
                  found.getFirst(),
                  4 * epsilon,
                  64 * KernelData.epsilon(DType.F32) * spec.k(),
                  schedule + " " + spec + " " + lie));
    }
  }

  private static int[] swapped(int[] dims) {
    int[] out = dims.clone();
    out[out.length - 1] = dims[dims.length - 2];
    out[out.length - 2] = dims[dims.length - 1];
    return out;
  }
}
