package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

final class ElementwiseReference {
  private ElementwiseReference() {}

  static Array evaluate(Elementwise op, List<Array> inputs, TensorType type) {
    return switch (op) {
      case Elementwise.Map(ScalarFn fn) -> map(fn, inputs, type);
      case Elementwise.Cast(DType to) -> {
        double[] from = inputs.getFirst().data();
        yield to.isFloat() ? Array.of(type, from) : fill(type, i -> to.round(from[i]));
      }
    };
  }

  private static Array map(ScalarFn fn, List<Array> inputs, TensorType type) {
    IntToDoubleFunction a = operand(inputs, 0, type.shape());
    IntToDoubleFunction b = operand(inputs, 1, type.shape());
    IntToDoubleFunction c = operand(inputs, 2, type.shape());
    boolean integers = fn.kind() == ScalarFn.Kind.ARITHMETIC && type.dtype().isInteger();
    return integers
        ? fill(
            type,
            i -> ScalarReference.integer(type.dtype(), fn, a.applyAsDouble(i), b.applyAsDouble(i)))
        : fill(
            type,
            i ->
                ScalarReference.real(
                    fn, a.applyAsDouble(i), b.applyAsDouble(i), c.applyAsDouble(i)));
  }

  private static IntToDoubleFunction operand(List<Array> inputs, int index, Shape out) {
    return index < inputs.size() ? broadcast(inputs.get(index), out) : _ -> 0;
  }

  /// An operand's element for each position of the result.
  static IntToDoubleFunction broadcast(Array operand, Shape out) {
    var positions = Positions.broadcast(operand.shape(), out);
    return i -> operand.get(positions.applyAsInt(i));
  }

  /// Computes every element on its own; in parallel, as no order can matter.
  static Array fill(TensorType type, IntToDoubleFunction element) {
    double[] out = new double[Math.toIntExact(type.shape().size())];
    Arrays.parallelSetAll(out, element);
    return Array.of(type, out);
  }
}
