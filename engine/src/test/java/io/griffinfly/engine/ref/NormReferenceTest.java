package io.griffinfly.engine.ref;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormReferenceTest {
  @Test
  void dividesByTheRootMeanSquare() {
    Array x = Values.of(new double[] {3, 4, 0, 0, 0, 0}, 2, 3);
    Array w = Values.of(new double[] {1, 10, 100}, 3);
    Array y = Values.apply(new Norm.RmsNorm(0.5), x, w);
    double root = Math.sqrt(25 / 3.0 + 0.5);
    assertArrayEquals(new double[] {3 / root, 40 / root, 0, 0, 0, 0}, y.data(), 1e-14);
  }

  @Test
  void gradientIsTheSlope() {
    Array x = Values.random(1, 2, 3, 5);
    Array w = Values.random(2, 5);
    Array dy = Values.random(3, 2, 3, 5);
    Value gradients = Interpreter.apply(new Norm.RmsNormGrad(0.1), List.of(x, w, dy));
    Slopes.check(new Norm.RmsNorm(0.1), List.of(x, w), 0, dy, 0, Values.element(gradients, 0));
    Slopes.check(new Norm.RmsNorm(0.1), List.of(x, w), 0, dy, 1, Values.element(gradients, 1));
    assertEquals(w.type(), Values.element(gradients, 1).type());
  }
}
