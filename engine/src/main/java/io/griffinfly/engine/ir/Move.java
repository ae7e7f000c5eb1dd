package io.griffinfly.engine.ir;

import java.util.List;

/// Operations that only move elements. Most become a view or nothing at all once layouts are known.
public sealed interface Move extends Op {
  /// The same elements in row-major order under another shape.
  ///
  /// @param shape the shape, of equal size
  record Reshape(Shape shape) implements Move {}

  /// Reorders the axes.
  ///
  /// @param permutation for each axis of the result, the axis of the operand
  record Transpose(List<Integer> permutation) implements Move {
    /// Copies the permutation.
    public Transpose {
      permutation = List.copyOf(permutation);
    }
  }

  /// Repeats along axes of extent 1 and along new leading axes, as in numpy.
  ///
  /// @param shape the shape of the result
  record Broadcast(Shape shape) implements Move {}

  /// A range along one axis.
  ///
  /// @param axis the axis, 0 or more
  /// @param start first index
  /// @param size number of indices
  record Slice(int axis, int start, int size) implements Move {}

  /// Zeros before and after along one axis.
  ///
  /// @param axis the axis, 0 or more
  /// @param before number of zeros before
  /// @param after number of zeros after
  record Pad(int axis, int before, int after) implements Move {}

  /// Joins one or more operands along an axis.
  ///
  /// @param axis the axis, 0 or more
  record Concat(int axis) implements Move {}

  /// One result of an operation that has several.
  ///
  /// @param index which, 0 or more
  record Project(int index) implements Move {}
}
