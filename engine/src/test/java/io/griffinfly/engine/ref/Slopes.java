package io.griffinfly.engine.ref;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ref.Value.Array;
import java.util.ArrayList;
import java.util.List;

/// Central finite differences of one operation.
final class Slopes {
  private static final double STEP = 1e-5;

  /// The remainder is STEP²·f‴/6, some 1e-10, and rounding 2⁻⁵²/STEP, some 1e-11, per summand.
  private static final double TOLERANCE = 1e-8;

  private Slopes() {}

  /// Checks a gradient of the sum over result·upstream.
  ///
  /// @param op the operation
  /// @param inputs its operands
  /// @param result which of its results, 0 for an operation with one
  /// @param upstream factor of every element of that result
  /// @param operand which operand varies
  /// @param gradient the gradient to check
  static void check(
      Op op, List<Array> inputs, int result, Array upstream, int operand, Array gradient) {
    Array x = inputs.get(operand);
    assertEquals(x.shape(), gradient.shape());
    for (int i = 0; i < x.size(); i++) {
      double up = objective(op, moved(inputs, operand, i, STEP), result, upstream);
      double down = objective(op, moved(inputs, operand, i, -STEP), result, upstream);
      int position = i;
      assertEquals(
          (up - down) / (2 * STEP),
          gradient.get(i),
          TOLERANCE,
          () -> op + " operand " + operand + " element " + position);
    }
  }

  private static List<Array> moved(List<Array> inputs, int operand, int element, double by) {
    List<Array> moved = new ArrayList<>(inputs);
    double[] data = inputs.get(operand).data().clone();
    data[element] += by;
    moved.set(operand, Array.of(inputs.get(operand).type(), data));
    return moved;
  }

  private static double objective(Op op, List<Array> inputs, int result, Array upstream) {
    Value value = Interpreter.apply(op, inputs);
    Array array =
        value instanceof Value.Tuple ? Values.element(value, result) : Values.array(value);
    double sum = 0;
    for (int i = 0; i < array.size(); i++) {
      sum += array.get(i) * upstream.get(i);
    }
    return sum;
  }
}
