package io.griffinfly.engine.conformance;

import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.kernel.Layout;

/// How an operand or a result lies in memory.
public enum Lie {
  /// Row-major without gaps.
  DENSE,
  /// Gaps between rows, not aligned.
  PADDED,
  /// Axes in the opposite order, with gaps.
  REVERSED,
  /// Gaps between rows that keep rows of a multiple of four elements aligned.
  SPACED,
  /// Gaps between rows that keep rows of a multiple of eight elements aligned.
  WIDE;

  private int gap() {
    return switch (this) {
      case DENSE -> 0;
      case PADDED, REVERSED -> 3;
      case SPACED -> 4;
      case WIDE -> 8;
    };
  }

  /// The layout of a tensor.
  public Layout layout(Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int i = 0; i < strides.length; i++) {
      int axis = this == REVERSED ? i : strides.length - 1 - i;
      strides[axis] = stride;
      stride *= shape.dim(axis);
      stride += gap();
    }
    return Layout.of(64 + gap(), strides);
  }
}
