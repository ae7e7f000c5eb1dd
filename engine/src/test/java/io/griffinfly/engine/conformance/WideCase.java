package io.griffinfly.engine.conformance;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.ref.Value;
import java.util.List;
import java.util.stream.Stream;

/// A kernel of GPUs for tensors that lie in groups of four, against the reference.
final class WideCase {
  private WideCase() {}

  /// The name of the schedule.
  static final String WIDE = "wide";

  /// The layouts that keep groups of four together.
  private static final List<Lie> LIES = List.of(Lie.DENSE, Lie.SPACED);

  /// How tensors of real numbers may be stored.
  enum Storage {
    SINGLE(DType.F32, DType.F32),
    HALF(DType.F16, DType.F16),
    SINGLE_TO_HALF(DType.F32, DType.F16),
    HALF_TO_SINGLE(DType.F16, DType.F32);

    final DType operand;
    final DType result;

    Storage(DType operand, DType result) {
      this.operand = operand;
      this.result = result;
    }
  }

  /// Runs a spec on the layouts that keep groups of four together, by the kernels for them, which
  /// must take it.
  ///
  /// @param length of the longest sum, all of whose terms are of about unit size
  static void check(
      Subject subject,
      KernelSpec spec,
      List<Value.Array> inputs,
      List<Value.Array> expected,
      double length) {
    for (Lie lie : lies(spec)) {
      List<double[]> found = KernelRun.by(WIDE, subject, spec, inputs, lie);
      for (int i = 0; i < found.size(); i++) {
        double epsilon = KernelData.epsilon(spec.results().get(i).dtype());
        double absolute = epsilon + KernelData.epsilon(DType.F32) * length;
        String what = spec + " result " + i + " " + lie;
        KernelData.assertClose(expected.get(i), found.get(i), 8 * epsilon, absolute, what);
      }
    }
  }

  /// Both layouts where all is stored in single precision; drivers take long for new kernels.
  private static List<Lie> lies(KernelSpec spec) {
    boolean half =
        Stream.concat(spec.operands().stream(), spec.results().stream())
            .anyMatch(type -> type.dtype() == DType.F16);
    return half ? LIES.subList(1, 2) : LIES;
  }

  /// Runs an operation whose results of the operands' type are stored in another one.
  static void check(Subject subject, Op op, Storage storage, double length, Value.Array... inputs) {
    List<Value.Array> operands = List.of(inputs);
    List<Value.Array> expected =
        DirectKernelTest.reference(
            op,
            operands.stream().map(each -> each.dtype().isFloat() ? single(each) : each).toList());
    KernelSpec.Direct usual = DirectKernelTest.spec(op, operands);
    List<TensorType> results =
        usual.results().stream().map(type -> new TensorType(storage.result, type.shape())).toList();
    check(
        subject, new KernelSpec.Direct(op, usual.operands(), results), operands, expected, length);
  }

  /// The same numbers in single precision, so that the reference rounds nothing to halves.
  static Value.Array single(Value.Array array) {
    return Value.Array.of(new TensorType(DType.F32, array.shape()), array.data());
  }
}
