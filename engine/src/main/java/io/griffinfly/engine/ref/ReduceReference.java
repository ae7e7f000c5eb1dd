package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.Arrays;
import java.util.List;

final class ReduceReference {
  private ReduceReference() {}

  static Array evaluate(Reduce op, List<Array> inputs, TensorType type) {
    Array x = inputs.getFirst();
    return switch (op) {
      case Reduce.Fold(ReduceFn fn, List<Integer> axes, _) -> fold(fn, x, axes, type);
      case Reduce.ArgMax(int axis, _) -> argMax(x, axis, type);
    };
  }

  private static Array fold(ReduceFn fn, Array x, List<Integer> axes, TensorType type) {
    double[] out = new double[Math.toIntExact(type.shape().size())];
    int[] positions = folded(x.shape(), axes);
    switch (fn) {
      case SUM -> {
        for (int i = 0; i < positions.length; i++) {
          out[positions[i]] += x.get(i);
        }
      }
      case MAX -> {
        Arrays.fill(out, type.dtype().round(Double.NEGATIVE_INFINITY));
        for (int i = 0; i < positions.length; i++) {
          out[positions[i]] = Math.max(out[positions[i]], x.get(i));
        }
      }
    }
    return Array.of(type, out);
  }

  private static Array argMax(Array x, int axis, TensorType type) {
    double[] out = new double[Math.toIntExact(type.shape().size())];
    double[] best = new double[out.length];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    int[] positions = folded(x.shape(), List.of(axis));
    long stride = x.shape().strides()[axis];
    for (int i = 0; i < positions.length; i++) {
      double value = x.get(i);
      boolean firstNan = Double.isNaN(value) && !Double.isNaN(best[positions[i]]);
      if (value > best[positions[i]] || firstNan) {
        best[positions[i]] = value;
        out[positions[i]] = i / stride % x.shape().dim(axis);
      }
    }
    return Array.of(type, out);
  }

  /// For every element of the operand the element of the result that it goes into.
  private static int[] folded(Shape shape, List<Integer> axes) {
    int[] kept = shape.dims();
    axes.forEach(axis -> kept[axis] = 1);
    long[] strides = Shape.of(kept).strides();
    axes.forEach(axis -> strides[axis] = 0);
    return Positions.strided(shape, 0, strides);
  }
}
