package io.griffinfly.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.ref.Value;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Attention of halves on matrix units, against the reference in double precision of the same
/// halves.
abstract class AttentionOfHalves {
  /// Weights and the gradients of scores are rounded to halves, and a sum has some that matter.
  private static final double ROUNDED = 4 * KernelData.epsilon(DType.F16);

  /// Batch, query heads, key heads, queries, keys, width of scores, width of values: one block of
  /// keys and several, edges that are clamped, more keys than queries and fewer, and a layer of
  /// SmolLM2.
  private static final int[][] SHAPES = {
    {1, 2, 1, 32, 32, 16, 16},
    {2, 4, 2, 37, 37, 32, 16},
    {1, 9, 3, 128, 128, 64, 64},
    {1, 2, 2, 40, 150, 64, 32},
    {1, 2, 1, 150, 40, 16, 64},
    {1, 1, 1, 200, 200, 128, 128},
  };

  private final String schedule;
  private final Subject subject;

  AttentionOfHalves(String schedule, Subject subject) {
    this.schedule = schedule;
    this.subject = subject;
  }

  private static Value.Array halves(long seed, int... dims) {
    return KernelData.random(TensorType.of(DType.F16, dims), seed);
  }

  /// @param length of the longest sum, whose terms are of about unit size where they matter
  private void check(Op op, DType result, Lie lie, double length, List<Value.Array> operands) {
    List<Value.Array> expected =
        DirectKernelTest.reference(op, operands.stream().map(WideCase::single).toList());
    KernelSpec.Direct usual = DirectKernelTest.spec(op, operands);
    List<TensorType> results = new ArrayList<>();
    for (TensorType type : usual.results()) {
      results.add(type.shape().rank() == 4 ? new TensorType(result, type.shape()) : type);
    }
    KernelSpec spec = new KernelSpec.Direct(op, usual.operands(), results);
    List<double[]> found = KernelRun.by(schedule, subject, spec, operands, lie);
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      KernelData.assertClose(
          expected.get(i), found.get(i), ROUNDED, ROUNDED * length, spec + " result " + i);
    }
  }

  private void attention(int[] c, Attention.Mask mask, DType result, Lie lie) {
    Value.Array q = halves(1, c[0], c[1], c[3], c[5]);
    Value.Array k = halves(2, c[0], c[2], c[4], c[5]);
    Value.Array v = halves(3, c[0], c[2], c[4], c[6]);
    double scale = 1 / Math.sqrt(c[5]);
    var attend = new Attention.Attend(scale, mask);
    check(attend, result, lie, 1, List.of(q, k, v));
    List<Value.Array> forward =
        DirectKernelTest.reference(attend, List.of(q, k, v)).stream()
            .map(DirectKernelTest::rounded)
            .toList();
    Value.Array dy = halves(4, c[0], c[1], c[3], c[6]);
    // A gradient of a key or a value sums over the queries of all its heads.
    double terms = Math.sqrt((double) c[3] * c[1] / c[2]);
    check(
        new Attention.AttendGrad(scale, mask),
        result,
        lie,
        terms,
        List.of(q, k, v, forward.get(0), forward.get(1), dy));
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithTheReference(Attention.Mask mask) {
    for (int[] shape : SHAPES) {
      attention(shape, mask, DType.F16, Lie.DENSE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void storesSinglePrecision(Attention.Mask mask) {
    attention(SHAPES[1], mask, DType.F32, Lie.WIDE);
  }

  /// Scores of which no exponential is finite, in blocks of keys.
  @ParameterizedTest
  @EnumSource
  void largeScoresHaveWeights(Attention.Mask mask) {
    Value.Array q = halves(1, 1, 2, 40, 64);
    Value.Array k = halves(2, 1, 1, 150, 64);
    Value.Array v = halves(3, 1, 1, 150, 32);
    check(new Attention.Attend(8, mask), DType.F32, Lie.DENSE, 1, List.of(q, k, v));
  }
}
