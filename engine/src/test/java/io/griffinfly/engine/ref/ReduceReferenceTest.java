package io.griffinfly.engine.ref;

import static io.griffinfly.engine.ref.Values.at;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReduceReferenceTest {
  private static final Array X = Values.random(3, 3, 4, 5);

  @ParameterizedTest
  @EnumSource
  void foldsOverOuterAndInnerAxes(ReduceFn fn) {
    Array y = Values.apply(new Reduce.Fold(fn, List.of(0, 2), false), X);
    assertEquals(Shape.of(4), y.shape());
    for (int j = 0; j < 4; j++) {
      double expected = fn == ReduceFn.SUM ? 0 : -100;
      for (int i = 0; i < 15; i++) {
        double element = at(X, i / 5, j, i % 5);
        expected = fn == ReduceFn.SUM ? expected + element : Math.max(expected, element);
      }
      assertEquals(expected, y.get(j), 1e-14);
    }
    Array kept = Values.apply(new Reduce.Fold(fn, List.of(0, 2), true), X);
    assertEquals(Shape.of(1, 4, 1), kept.shape());
    assertArrayEquals(y.data(), kept.data());
    Array same = Values.apply(new Reduce.Fold(fn, List.of(), false), X);
    assertArrayEquals(X.data(), same.data());
  }

  @Test
  void emptyFoldsHaveTheirNeutralElement() {
    Array empty = Values.random(1, 2, 0);
    Array sum = Values.apply(new Reduce.Fold(ReduceFn.SUM, List.of(1), false), empty);
    assertArrayEquals(new double[] {0, 0}, sum.data());
    Array max = Values.apply(new Reduce.Fold(ReduceFn.MAX, List.of(1), false), empty);
    assertArrayEquals(
        new double[] {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY}, max.data());
    Array integers = Array.of(TensorType.of(DType.I32, 0));
    Array least = Values.apply(new Reduce.Fold(ReduceFn.MAX, List.of(0), false), integers);
    assertEquals(Integer.MIN_VALUE, least.get(0));
  }

  @Test
  void argMaxTakesTheFirstOfEquals() {
    Array x = Values.of(new double[] {1, 3, 3, -1, -2, -1, 0, 0, 0}, 3, 3);
    Array last = Values.apply(new Reduce.ArgMax(1, false), x);
    assertArrayEquals(new double[] {1, 0, 0}, last.data());
    assertEquals(TensorType.of(DType.I64, 3), last.type());
    Array first = Values.apply(new Reduce.ArgMax(0, true), x);
    assertArrayEquals(new double[] {0, 0, 0}, first.data());
    assertEquals(Shape.of(1, 3), first.shape());
    Array low = Values.of(new double[] {Double.NEGATIVE_INFINITY, -5, Double.NaN, 9}, 4);
    assertEquals(2, Values.apply(new Reduce.ArgMax(0, false), low).get(0));
  }

  @Test
  void maximaKeepNotANumber() {
    Array x = Values.of(new double[] {1, Double.NaN, 3}, 3);
    Array max = Values.apply(new Reduce.Fold(ReduceFn.MAX, List.of(0), false), x);
    assertTrue(Double.isNaN(max.get(0)));
  }
}
