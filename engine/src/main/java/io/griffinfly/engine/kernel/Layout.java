package io.griffinfly.engine.kernel;

import io.griffinfly.engine.ir.Shape;
import java.util.Arrays;

/// Where the elements of a tensor are inside a buffer: element `(i, j, ..)` is at `offset + i ·
/// strides[0] + j · strides[1] + ..`, counted in elements. A stride of 0 repeats. Immutable.
public final class Layout {
  private final long offset;
  private final long[] strides;

  private Layout(long offset, long[] strides) {
    this.offset = offset;
    this.strides = strides;
  }

  /// Makes a layout.
  ///
  /// @param offset of the first element, in elements
  /// @param strides one an axis, in elements
  /// @return the layout
  public static Layout of(long offset, long... strides) {
    return new Layout(offset, strides.clone());
  }

  /// The dense row-major layout.
  ///
  /// @param shape extents
  /// @return the layout
  public static Layout dense(Shape shape) {
    return new Layout(0, shape.strides());
  }

  /// Position of the first element.
  ///
  /// @return the offset, in elements
  public long offset() {
    return offset;
  }

  /// One stride.
  ///
  /// @param axis the axis; negative counts from the end
  /// @return its stride, in elements
  public long stride(int axis) {
    return strides[axis < 0 ? axis + strides.length : axis];
  }

  /// Number of axes.
  ///
  /// @return the rank
  public int rank() {
    return strides.length;
  }

  /// All strides.
  ///
  /// @return a copy
  public long[] strides() {
    return strides.clone();
  }

  /// Whether a tensor of this layout lies row-major without gaps. Axes of extent 1 do not matter.
  ///
  /// @param shape extents
  /// @return true if it does
  public boolean isDense(Shape shape) {
    long[] dense = shape.strides();
    for (int axis = 0; axis < strides.length; axis++) {
      if (shape.dim(axis) > 1 && strides[axis] != dense[axis]) {
        return false;
      }
    }
    return true;
  }

  /// The layout of the tensor repeated to a larger shape, as numpy broadcasts.
  ///
  /// @param from extents of the tensor
  /// @param to extents to repeat to
  /// @return a layout with a stride of 0 on every axis that repeats
  public Layout broadcast(Shape from, Shape to) {
    long[] out = new long[to.rank()];
    int lead = to.rank() - from.rank();
    for (int axis = 0; axis < from.rank(); axis++) {
      out[lead + axis] = from.dim(axis) == 1 ? 0 : strides[axis];
    }
    return new Layout(offset, out);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Layout layout
        && offset == layout.offset
        && Arrays.equals(strides, layout.strides);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(offset) + Arrays.hashCode(strides);
  }

  /// The text form, such as `@64(576,1)`.
  @Override
  public String toString() {
    return "@"
        + offset
        + Arrays.toString(strides).replace(" ", "").replace('[', '(').replace(']', ')');
  }
}
