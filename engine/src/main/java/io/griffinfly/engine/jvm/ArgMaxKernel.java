package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.Shape;

/// The index of the largest element along an axis, the first of equals; NaN counts as largest.
final class ArgMaxKernel {
  private ArgMaxKernel() {}

  static Kernel of(int axis, View x, View result) {
    Shape positions = x.shape().with(axis, 1);
    View first = new View(x.type(), positions, x.address(), x.strides());
    int count = x.dim(axis);
    return ScalarKernel.of(
        positions.size(), i -> result.set(i, largest(x, first.at(i), x.stride(axis), count)));
  }

  private static int largest(View x, long start, long stride, int count) {
    double best = Elements.get(x.type(), start);
    int index = 0;
    for (int i = 1; i < count; i++) {
      double value = Elements.get(x.type(), start + i * stride);
      if (value > best || (Double.isNaN(value) && !Double.isNaN(best))) {
        best = value;
        index = i;
      }
    }
    return index;
  }
}
