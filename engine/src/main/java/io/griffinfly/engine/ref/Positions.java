package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.Shape;
import java.util.function.IntUnaryOperator;

/// Which element of an operand belongs to each element of a result.
final class Positions {
  private Positions() {}

  /// The operand's elements under numpy's broadcasting.
  ///
  /// @param operand the operand's shape
  /// @param out the result's shape, to which it broadcasts
  /// @return from row-major position in the result to that in the operand
  static IntUnaryOperator broadcast(Shape operand, Shape out) {
    if (operand.equals(out)) {
      return IntUnaryOperator.identity();
    }
    if (operand.size() == 1) {
      return _ -> 0;
    }
    long[] own = operand.strides();
    long[] strides = new long[out.rank()];
    int added = out.rank() - operand.rank();
    for (int axis = 0; axis < own.length; axis++) {
      strides[added + axis] = operand.dim(axis) == 1 ? 0 : own[axis];
    }
    int[] positions = strided(out, 0, strides);
    return i -> positions[i];
  }

  /// Walks a shape in row-major order with a stride for every axis.
  ///
  /// @param shape the shape
  /// @param start position of the first element
  /// @param strides what one step along each axis adds
  /// @return the position of every element
  static int[] strided(Shape shape, long start, long... strides) {
    int[] positions = new int[Math.toIntExact(shape.size())];
    int[] index = new int[shape.rank()];
    long position = start;
    for (int i = 0; i < positions.length; i++) {
      positions[i] = Math.toIntExact(position);
      for (int axis = index.length - 1; axis >= 0; axis--) {
        position += strides[axis];
        if (++index[axis] < shape.dim(axis)) {
          break;
        }
        position -= strides[axis] * index[axis];
        index[axis] = 0;
      }
    }
    return positions;
  }
}
