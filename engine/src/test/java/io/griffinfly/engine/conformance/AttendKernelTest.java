package io.griffinfly.engine.conformance;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ref.Value;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL_KINDS)
class AttendKernelTest {
  private final Subject subject;

  AttendKernelTest(Subject subject) {
    this.subject = subject;
  }

  private static Value.Array random(DType type, long seed, int... dims) {
    return DirectKernelTest.random(type, seed, dims);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void rotary(DType type) {
    for (int d : new int[] {2, 6, 34, 64}) {
      for (boolean inverse : new boolean[] {false, true}) {
        var x = random(type, 1, 2, 5, 3, d);
        var cos = random(type, 2, 5, 1, d / 2);
        var sin = random(type, 3, 5, 1, d / 2);
        DirectKernelTest.check(subject, new Attention.Rotary(inverse), 16, x, cos, sin);
      }
    }
  }

  /// Batch, query heads, key heads, queries, keys, width of scores, width of values. On a GPU: one
  /// block of keys and many, one lane a key and many, fours of keys and of lanes that do not divide
  /// anything, queries that see no key, and one token.
  private static final int[][] ATTENTIONS = {
    {1, 1, 1, 1, 1, 1, 1},
    {1, 2, 2, 3, 5, 4, 7},
    {2, 4, 2, 17, 17, 8, 8},
    {1, 6, 2, 1, 37, 64, 64},
    {1, 3, 1, 70, 70, 64, 64},
    {1, 2, 1, 130, 201, 33, 17},
    {1, 1, 1, 9, 4, 16, 16},
    {1, 9, 3, 1, 1, 64, 64},
    {1, 9, 3, 1, 128, 64, 64},
    {1, 9, 3, 128, 128, 64, 64},
    {2, 2, 1, 50, 16, 64, 32},
    {1, 2, 2, 37, 150, 128, 128},
    {1, 4, 1, 300, 301, 20, 80},
  };

  @ParameterizedTest
  @EnumSource
  void attention(Attention.Mask mask) {
    for (int[] c : ATTENTIONS) {
      for (DType type : List.of(DType.F32, DType.F16)) {
        if (type != DType.F32 && c[3] > 20) {
          continue;
        }
        check(mask, c, type);
      }
    }
  }

  private void check(Attention.Mask mask, int[] c, DType type) {
    var q = random(type, 1, c[0], c[1], c[3], c[5]);
    var k = random(type, 2, c[0], c[2], c[4], c[5]);
    var v = random(type, 3, c[0], c[2], c[4], c[6]);
    double scale = 1 / Math.sqrt(c[5]);
    DirectKernelTest.check(subject, new Attention.Attend(scale, mask), 64, q, k, v);
    List<Value.Array> forward =
        DirectKernelTest.reference(new Attention.Attend(scale, mask), List.of(q, k, v)).stream()
            .map(DirectKernelTest::rounded)
            .toList();
    var dy = random(type, 4, c[0], c[1], c[3], c[6]);
    DirectKernelTest.check(
        subject,
        new Attention.AttendGrad(scale, mask),
        16 * (c[3] + c[4]),
        q,
        k,
        v,
        forward.get(0),
        forward.get(1),
        dy);
  }
}
