package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.Layout;
import java.util.Arrays;

/// A tensor that a stage reads or writes.
///
/// @param slot the memory
/// @param type element type and shape
/// @param layout where its elements are, counted from the start of the slot
record Place(Slot slot, TensorType type, Layout layout) {
  DType dtype() {
    return type.dtype();
  }

  Shape shape() {
    return type.shape();
  }

  int dim(int axis) {
    return type.shape().dim(axis);
  }

  long stride(int axis) {
    return layout.stride(axis);
  }

  /// Whether the elements, of single or half precision, lie in groups of four next to each other
  /// that begin at multiples of four, so that a group can be read or written at once.
  boolean inFours() {
    return shape().rank() > 0 && inFours(shape().rank() - 1);
  }

  /// The same for groups along another axis than the last.
  boolean inFours(int along) {
    if ((dtype() != DType.F32 && dtype() != DType.F16)
        || dim(along) % 4 != 0
        || stride(along) != 1
        || layout.offset() % 4 != 0) {
      return false;
    }
    for (int axis = 0; axis < shape().rank(); axis++) {
      if (axis != along && dim(axis) > 1 && stride(axis) % 4 != 0) {
        return false;
      }
    }
    return true;
  }

  /// The place repeated to a larger shape, as numpy broadcasts.
  Place broadcast(Shape to) {
    return new Place(slot, type.withShape(to), layout.broadcast(shape(), to));
  }

  /// The place with its last two axes exchanged.
  Place transposed() {
    int rank = shape().rank();
    int[] dims = shape().dims();
    long[] strides = layout.strides();
    dims[rank - 1] = dim(-2);
    dims[rank - 2] = dim(-1);
    strides[rank - 1] = stride(-2);
    strides[rank - 2] = stride(-1);
    return with(Shape.of(dims), layout.offset(), strides);
  }

  /// Other extents over the same memory.
  Place with(Shape shape, long offset, long... strides) {
    return new Place(slot, type.withShape(shape), Layout.of(offset, strides));
  }

  /// One half of the last axis.
  Place half(int which) {
    int width = dim(-1) / 2;
    return with(
        shape().with(-1, width),
        layout.offset() + (long) which * width * stride(-1),
        layout.strides());
  }

  /// The first element of every other axis: a place of axes `from` to `end`.
  Place axes(int from, int end) {
    return with(
        Shape.of(Arrays.copyOfRange(shape().dims(), from, end)),
        layout.offset(),
        Arrays.copyOfRange(layout.strides(), from, end));
  }
}
