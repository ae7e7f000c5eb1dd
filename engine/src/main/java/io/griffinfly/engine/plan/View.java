package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.Layout;

/// A tensor inside a buffer.
///
/// @param buffer the buffer's number
/// @param type element type and shape
/// @param layout where its elements are, counted in elements from the start of the buffer
public record View(int buffer, TensorType type, Layout layout) {
  /// The range of the buffer that the tensor touches.
  ///
  /// @return first element touched
  public long first() {
    return layout.offset();
  }

  /// The end of the range of the buffer that the tensor touches.
  ///
  /// @return last element touched plus one; equals [#first] when the tensor is empty
  public long end() {
    if (type.shape().size() == 0) {
      return layout.offset();
    }
    long last = layout.offset();
    for (int axis = 0; axis < layout.rank(); axis++) {
      last += (type.shape().dim(axis) - 1) * layout.stride(axis);
    }
    return last + 1;
  }

  /// Whether two views may touch the same element.
  ///
  /// @param other another view
  /// @return false if they certainly do not
  public boolean overlaps(View other) {
    return buffer == other.buffer && first() < other.end() && other.first() < end();
  }
}
