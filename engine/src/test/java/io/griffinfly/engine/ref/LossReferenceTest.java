package io.griffinfly.engine.ref;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossReferenceTest {
  private static final Array LOGITS =
      Values.of(new double[] {1, 2, 3, 1000, 0, -1000, 0, 0, 0, 5, 5, 5}, 2, 2, 3);

  @Test
  void isTheMeanOverPositionsThatCount() {
    Array labels = Values.integers(new long[] {2, 1, -100, 0}, 2, 2);
    Value loss = Interpreter.apply(new Loss.CrossEntropy(-100), List.of(LOGITS, labels));
    double first = Math.log(Math.exp(-2) + Math.exp(-1) + 1);
    assertEquals((first + 1000 + Math.log(3)) / 3, Values.element(loss, 0).get(0), 1e-12);
    assertArrayEquals(
        new double[] {3 + first, 1000, Math.log(3), 5 + Math.log(3)},
        Values.element(loss, 1).data(),
        1e-12);
  }

  @Test
  void gradientIsTheSlopeAndZeroWhereIgnored() {
    Array logits = Values.random(1, 3, 2, 5);
    Array labels = Values.integers(new long[] {4, 7, 0, 1, 7, 2}, 3, 2);
    var op = new Loss.CrossEntropy(7);
    Array denominators = Values.element(Interpreter.apply(op, List.of(logits, labels)), 1);
    Array upstream = Values.of(new double[] {-1.5});
    Array gradient =
        Values.apply(new Loss.CrossEntropyGrad(7), logits, labels, denominators, upstream);
    Slopes.check(op, List.of(logits, labels), 0, upstream, 0, gradient);
    for (int i = 5; i < 10; i++) {
      assertEquals(0, gradient.get(i));
    }
  }

  @Test
  void allIgnoredIsNotANumberAndHasNoGradient() {
    Array labels = Values.integers(new long[] {3, 3, 3, 3}, 2, 2);
    Value loss = Interpreter.apply(new Loss.CrossEntropy(3), List.of(LOGITS, labels));
    assertTrue(Double.isNaN(Values.element(loss, 0).get(0)));
    Array gradient =
        Values.apply(
            new Loss.CrossEntropyGrad(3),
            LOGITS,
            labels,
            Values.element(loss, 1),
            Values.of(new double[] {1}));
    assertArrayEquals(new double[12], gradient.data());
  }

  @Test
  void labelsMustBeClasses() {
    Array labels = Values.integers(new long[] {0, 1, 2, 3}, 2, 2);
    var op = new Loss.CrossEntropy(-100);
    assertThrows(GraphException.class, () -> Interpreter.apply(op, List.of(LOGITS, labels)));
  }
}
