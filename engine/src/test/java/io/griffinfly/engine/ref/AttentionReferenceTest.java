package io.griffinfly.engine.ref;

import static io.griffinfly.engine.ref.Values.at;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Attention.Mask;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionReferenceTest {
  private static final double SCALE = 0.3;

  /// Batches, query heads, key heads, queries, keys, width of scores, width of values, mask.
  private static final String SIZES =
      """
      1, 1, 1, 1, 1, 2, 3, NONE
      2, 6, 2, 3, 5, 4, 3, NONE
      2, 6, 2, 3, 5, 4, 3, CAUSAL
      1, 3, 3, 5, 5, 2, 2, CAUSAL
      1, 2, 1, 1, 7, 3, 3, CAUSAL
      2, 4, 2, 5, 3, 3, 2, CAUSAL
      """;

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  void isTheDefinition(int b, int h, int g, int s, int t, int d, int e, Mask mask) {
    Array q = Values.random(1, b, h, s, d);
    Array k = Values.random(2, b, g, t, d);
    Array v = Values.random(3, b, g, t, e);
    Value value = Interpreter.apply(new Attention.Attend(SCALE, mask), List.of(q, k, v));
    Array out = Values.element(value, 0);
    for (int row = 0; row < b * h * s; row++) {
      int batch = row / (h * s);
      int head = row / s % h;
      int query = row % s;
      double total = 0;
      double[] expected = new double[e];
      for (int key = 0; key < t; key++) {
        if (mask == Mask.CAUSAL && key > query + t - s) {
          continue;
        }
        double score = 0;
        for (int i = 0; i < d; i++) {
          score += at(q, batch, head, query, i) * at(k, batch, head * g / h, key, i);
        }
        double weight = Math.exp(SCALE * score);
        total += weight;
        for (int i = 0; i < e; i++) {
          expected[i] += weight * at(v, batch, head * g / h, key, i);
        }
      }
      assertEquals(Math.log(total), Values.element(value, 1).get(row), 1e-13);
      for (int i = 0; i < e; i++) {
        double weighted = total == 0 ? 0 : expected[i] / total;
        assertEquals(weighted, at(out, batch, head, query, i), 1e-13);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  void gradientIsTheSlope(int b, int h, int g, int s, int t, int d, int e, Mask mask) {
    List<Array> inputs =
        List.of(
            Values.random(1, b, h, s, d),
            Values.random(2, b, g, t, d),
            Values.random(3, b, g, t, e));
    var op = new Attention.Attend(SCALE, mask);
    Value forward = Interpreter.apply(op, inputs);
    Array upstream = Values.random(4, b, h, s, e);
    Value gradients =
        Interpreter.apply(
            new Attention.AttendGrad(SCALE, mask),
            List.of(
                inputs.get(0),
                inputs.get(1),
                inputs.get(2),
                Values.element(forward, 0),
                Values.element(forward, 1),
                upstream));
    for (int operand = 0; operand < 3; operand++) {
      Slopes.check(op, inputs, 0, upstream, operand, Values.element(gradients, operand));
    }
  }

  @Test
  void queriesThatSeeNoKeyYieldZero() {
    Value value =
        Interpreter.apply(
            new Attention.Attend(1, Mask.CAUSAL),
            List.of(
                Values.random(1, 1, 1, 3, 2),
                Values.random(2, 1, 1, 1, 2),
                Values.random(3, 1, 1, 1, 2)));
    assertEquals(0, at(Values.element(value, 0), 0, 0, 1, 1));
    assertEquals(Double.NEGATIVE_INFINITY, Values.element(value, 1).get(1));
  }

  @Test
  void rotaryTurnsPairsAndTurnsBack() {
    Array x = Values.random(1, 2, 3, 5, 6);
    Array angles = Values.random(2, 5, 3);
    double[] cos = java.util.Arrays.stream(angles.data()).map(Math::cos).toArray();
    double[] sin = java.util.Arrays.stream(angles.data()).map(Math::sin).toArray();
    Array c = Values.of(cos, 5, 3);
    Array s = Values.of(sin, 5, 3);
    Array y = Values.apply(new Attention.Rotary(false), x, c, s);
    for (int p = 0; p < 5; p++) {
      for (int i = 0; i < 3; i++) {
        double a = at(x, 1, 2, p, i);
        double b = at(x, 1, 2, p, i + 3);
        // The pair as a complex number turns by the angle.
        double angle = Math.atan2(b, a) + at(angles, p, i);
        assertEquals(Math.hypot(a, b) * Math.cos(angle), at(y, 1, 2, p, i), 1e-14);
        assertEquals(Math.hypot(a, b) * Math.sin(angle), at(y, 1, 2, p, i + 3), 1e-14);
      }
    }
    Array back = Values.apply(new Attention.Rotary(true), y, c, s);
    assertArrayEquals(x.data(), back.data(), 1e-14);
  }
}
