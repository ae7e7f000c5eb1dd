package io.griffinfly.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.conformance.WideCase.Storage;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.ref.Value;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Attention by the kernels of GPUs, which must take it.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.GPUS)
class AttendKernelTest {
  private static final String SCHEDULE = "attention";

  private final Subject subject;

  AttendKernelTest(Subject subject) {
    this.subject = subject;
  }

  private static Value.Array random(DType type, long seed, int... dims) {
    return DirectKernelTest.random(type, seed, dims);
  }

  /// Runs an operation into results of a type; logarithms of denominators stay in single precision.
  private void check(Op op, DType result, Lie lie, double length, Value.Array... inputs) {
    List<Value.Array> operands = List.of(inputs);
    List<Value.Array> expected =
        DirectKernelTest.reference(op, operands.stream().map(WideCase::single).toList());
    KernelSpec.Direct usual = DirectKernelTest.spec(op, operands);
    List<TensorType> results = new ArrayList<>();
    for (TensorType type : usual.results()) {
      results.add(type.shape().rank() == 4 ? new TensorType(result, type.shape()) : type);
    }
    KernelSpec spec = new KernelSpec.Direct(op, usual.operands(), results);
    List<double[]> found = KernelRun.by(SCHEDULE, subject, spec, operands, lie);
    for (int i = 0; i < found.size(); i++) {
      double epsilon = KernelData.epsilon(results.get(i).dtype());
      double absolute = epsilon + KernelData.epsilon(DType.F32) * length;
      KernelData.assertClose(
          expected.get(i), found.get(i), 8 * epsilon, absolute, spec + " result " + i + " " + lie);
    }
  }

  /// Attention and its gradient.
  ///
  /// @param c batch, query heads, key heads, queries, keys, width of scores, width of values
  private void attention(int[] c, Attention.Mask mask, DType type, DType result, Lie lie) {
    var q = random(type, 1, c[0], c[1], c[3], c[5]);
    var k = random(type, 2, c[0], c[2], c[4], c[5]);
    var v = random(type, 3, c[0], c[2], c[4], c[6]);
    double scale = 1 / Math.sqrt(c[5]);
    var attend = new Attention.Attend(scale, mask);
    check(attend, result, lie, 64, q, k, v);
    List<Value.Array> forward =
        DirectKernelTest.reference(attend, List.of(q, k, v)).stream()
            .map(DirectKernelTest::rounded)
            .toList();
    var dy = random(type, 4, c[0], c[1], c[3], c[6]);
    Value.Array[] operands = {q, k, v, forward.get(0), forward.get(1), dy};
    int length = 16 * (c[3] + c[4]);
    check(new Attention.AttendGrad(scale, mask), result, lie, length, operands);
  }

  /// One block of keys and many, one lane a key and many, fours of keys and of lanes that do not
  /// divide anything, queries that see no key, one token, one query of many keys, and the training
  /// step of SmolLM2.
  private static final int[][] SHAPES = {
    {2, 4, 2, 17, 17, 8, 8},
    {1, 6, 2, 1, 37, 64, 64},
    {1, 3, 1, 70, 70, 64, 64},
    {1, 1, 1, 9, 4, 16, 16},
    {1, 9, 3, 1, 1, 64, 64},
    {1, 9, 3, 1, 128, 64, 64},
    {1, 9, 3, 128, 128, 64, 64},
    {2, 2, 1, 50, 16, 64, 32},
    {1, 2, 2, 37, 150, 128, 128},
    {1, 4, 1, 300, 301, 20, 80},
    {1, 1, 1, 260, 270, 64, 64},
  };

  @ParameterizedTest
  @EnumSource
  void shapes(Attention.Mask mask) {
    for (int[] shape : SHAPES) {
      subject.lies().forEach(lie -> attention(shape, mask, DType.F32, DType.F32, lie));
    }
  }

  @ParameterizedTest
  @EnumSource
  void storage(Storage storage) {
    for (int[] shape : new int[][] {{1, 9, 3, 128, 128, 64, 64}, {1, 2, 1, 33, 140, 64, 64}}) {
      attention(shape, Attention.Mask.CAUSAL, storage.operand, storage.result, Lie.SPACED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void rotary(Storage storage) {
    for (boolean inverse : new boolean[] {false, true}) {
      check(
          new Attention.Rotary(inverse),
          storage.result,
          Lie.SPACED,
          16,
          random(storage.operand, 1, 1, 3, 17, 64),
          random(storage.operand, 2, 17, 32),
          random(storage.operand, 3, 17, 32));
    }
  }

  /// A query that sees one key has the weight 1 whatever its score is: no gradient, exactly,
  /// because both sums that are subtracted run in one order.
  @ParameterizedTest
  @EnumSource
  void aQueryOfOneKeyHasNoGradient(Attention.Mask mask) {
    var q = random(DType.F32, 1, 1, 6, 1, 64);
    var k = random(DType.F32, 2, 1, 2, 1, 64);
    var v = random(DType.F32, 3, 1, 2, 1, 64);
    List<Value.Array> forward =
        DirectKernelTest.reference(new Attention.Attend(0.125, mask), List.of(q, k, v)).stream()
            .map(DirectKernelTest::rounded)
            .toList();
    var dy = random(DType.F32, 4, 1, 6, 1, 64);
    List<Value.Array> operands = List.of(q, k, v, forward.get(0), forward.get(1), dy);
    KernelSpec spec = DirectKernelTest.spec(new Attention.AttendGrad(0.125, mask), operands);
    List<double[]> found = KernelRun.by(SCHEDULE, subject, spec, operands, Lie.DENSE);
    for (double[] gradient : found.subList(0, 2)) {
      for (double element : gradient) {
        assertEquals(0, Math.abs(element));
      }
    }
  }
}
