package io.griffinfly.engine.ref;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import java.util.Random;

/// Values for tests.
final class Values {
  private Values() {}

  /// Normal random numbers.
  static Array random(int seed, int... dims) {
    Shape shape = Shape.of(dims);
    double[] data = new Random(seed).doubles(shape.size(), -2, 2).toArray();
    return Array.of(new TensorType(DType.F64, shape), data);
  }

  static Array of(double[] data, int... dims) {
    return Array.of(TensorType.of(DType.F64, dims), data);
  }

  static Array integers(long[] data, int... dims) {
    return Array.of(
        TensorType.of(DType.I64, dims), java.util.Arrays.stream(data).asDoubleStream().toArray());
  }

  static Array array(Value value) {
    return (Array) value;
  }

  static Array element(Value value, int index) {
    return ((Value.Tuple) value).elements().get(index);
  }

  /// The element at an index of every axis, found without strides.
  static double at(Array array, int... index) {
    int position = 0;
    for (int axis = 0; axis < index.length; axis++) {
      position = position * array.shape().dim(axis) + index[axis];
    }
    return array.get(position);
  }

  /// Checks shape and elements.
  static void assertClose(Array expected, Array actual, double tolerance) {
    assertEquals(expected.shape(), actual.shape());
    for (int i = 0; i < expected.size(); i++) {
      double bound = tolerance * Math.max(1, Math.abs(expected.get(i)));
      int position = i;
      assertEquals(
          expected.get(i),
          actual.get(i),
          bound,
          () -> "element " + position + " of " + expected.type());
    }
  }

  static Array apply(io.griffinfly.engine.ir.Op op, Array... inputs) {
    return array(Interpreter.apply(op, List.of(inputs)));
  }
}
