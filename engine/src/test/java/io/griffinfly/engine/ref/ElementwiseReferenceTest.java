package io.griffinfly.engine.ref;

import static io.griffinfly.engine.ref.Values.at;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import org.junit.jupiter.api.Test;

class ElementwiseReferenceTest {
  @Test
  void operandsBroadcastAgainstEachOther() {
    Array a = Values.random(1, 3, 1, 5);
    Array b = Values.random(2, 7, 1);
    Array c = Values.apply(new Elementwise.Map(ScalarFn.SUB), a, b);
    assertEquals(Shape.of(3, 7, 5), c.shape());
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 7; j++) {
        for (int k = 0; k < 5; k++) {
          assertEquals(at(a, i, 0, k) - at(b, j, 0), at(c, i, j, k));
        }
      }
    }
  }

  @Test
  void scalarsAndEmptyAxesBroadcast() {
    Array scalar = Values.random(1);
    Array row = Values.random(2, 3);
    Array product = Values.apply(new Elementwise.Map(ScalarFn.MUL), scalar, row);
    assertEquals(scalar.get(0) * row.get(2), product.get(2));
    Array empty =
        Values.apply(
            new Elementwise.Map(ScalarFn.ADD), Values.random(1, 1, 3), Values.random(1, 0, 1));
    assertEquals(Shape.of(0, 3), empty.shape());
  }

  @Test
  void selectTakesTruthFromASmallerOperand() {
    Array condition = Array.of(TensorType.of(DType.BOOL, 2, 1), 1, 0);
    Array chosen =
        Values.apply(
            new Elementwise.Map(ScalarFn.SELECT),
            condition,
            Values.of(new double[] {1, 2, 3}, 3),
            Values.of(new double[] {-1}, 1));
    assertArrayEquals(new double[] {1, 2, 3, -1, -1, -1}, chosen.data());
  }

  @Test
  void castsConvertToIntegersAlwaysAndRoundFloatingPointWhenAsked() {
    Array x = Values.of(new double[] {-1.75, 0, 0.1, 70000.5}, 4);
    assertArrayEquals(new double[] {-1, 0, 0, 70000}, cast(x, DType.I32, Precision.EXACT));
    assertArrayEquals(new double[] {1, 0, 1, 1}, cast(x, DType.BOOL, Precision.EXACT));
    assertArrayEquals(x.data(), cast(x, DType.F16, Precision.EXACT));
    assertArrayEquals(
        new double[] {-1.75, 0, 0.0999755859375, Double.POSITIVE_INFINITY},
        cast(x, DType.F16, Precision.TYPED));
    assertArrayEquals(
        new double[] {-1.75, 0, 0.10009765625, 70144}, cast(x, DType.BF16, Precision.TYPED));
    assertArrayEquals(new double[] {-1.75, 0, 0.1f, 70000.5}, cast(x, DType.F32, Precision.TYPED));
  }

  private static double[] cast(Array x, DType to, Precision precision) {
    Value value = Interpreter.apply(new Elementwise.Cast(to), List.of(x), precision);
    return Values.array(value).data();
  }
}
