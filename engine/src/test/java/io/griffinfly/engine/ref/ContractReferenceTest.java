package io.griffinfly.engine.ref;

import static io.griffinfly.engine.ref.Values.at;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ref.Value.Array;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContractReferenceTest {
  private static int[] dims(boolean transpose, int rows, int columns, int... batch) {
    int[] dims = java.util.Arrays.copyOf(batch, batch.length + 2);
    dims[batch.length] = transpose ? columns : rows;
    dims[batch.length + 1] = transpose ? rows : columns;
    return dims;
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void multipliesBatchesThatBroadcast(boolean transposeLeft, boolean transposeRight) {
    Array a = Values.random(1, dims(transposeLeft, 3, 5, 2, 1));
    Array b = Values.random(2, dims(transposeRight, 5, 7, 4));
    Array c = Values.apply(new Contract.MatMul(transposeLeft, transposeRight), a, b);
    assertEquals(Shape.of(2, 4, 3, 7), c.shape());
    for (int i = 0; i < c.size(); i++) {
      int n = i % 7;
      int m = i / 7 % 3;
      int outer = i / 21;
      double expected = 0;
      for (int k = 0; k < 5; k++) {
        double left = transposeLeft ? at(a, outer / 4, 0, k, m) : at(a, outer / 4, 0, m, k);
        double right = transposeRight ? at(b, outer % 4, n, k) : at(b, outer % 4, k, n);
        expected += left * right;
      }
      assertEquals(expected, c.get(i), 1e-13);
    }
  }

  @Test
  void emptyInnerAxisGivesZeros() {
    Array c =
        Values.apply(
            new Contract.MatMul(false, false), Values.random(1, 3, 0), Values.random(1, 0, 2));
    assertEquals(Shape.of(3, 2), c.shape());
    assertEquals(0, c.get(5));
    Array none =
        Values.apply(
            new Contract.MatMul(false, true), Values.random(1, 0, 3), Values.random(1, 2, 3));
    assertEquals(Shape.of(0, 2), none.shape());
  }

  @Test
  void epilogueSeesTheProductAndBroadcastOperands() {
    Array a = Values.random(1, 2, 3, 5);
    Array b = Values.random(2, 4, 5);
    Array bias = Values.random(3, 4);
    Array residual = Values.random(4, 2, 3, 4);
    var product = new ScalarExpr.Arg(0);
    var biased = ScalarExpr.apply(ScalarFn.ADD, product, new ScalarExpr.Arg(1));
    var expression =
        ScalarExpr.apply(
            ScalarFn.SUB, ScalarExpr.apply(ScalarFn.RELU, biased), new ScalarExpr.Arg(2));
    Array fused =
        Values.apply(new Contract.FusedMatMul(false, true, expression), a, b, bias, residual);
    Array plain = Values.apply(new Contract.MatMul(false, true), a, b);
    for (int i = 0; i < fused.size(); i++) {
      double expected = Math.max(0, plain.get(i) + bias.get(i % 4)) - residual.get(i);
      assertEquals(expected, fused.get(i), 1e-14);
    }
  }
}
