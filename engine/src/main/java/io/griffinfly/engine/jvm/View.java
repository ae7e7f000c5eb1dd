package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import java.util.Arrays;

/// An operand as kernels address it: extents, and strides in bytes.
final class View {
  private final DType type;
  private final Shape shape;
  private final long address;
  private final long[] strides;

  /// Makes a view.
  ///
  /// @param type element type
  /// @param shape extents
  /// @param address of the first element
  /// @param strides bytes from element to element, one an axis
  View(DType type, Shape shape, long address, long... strides) {
    this.type = type;
    this.shape = shape;
    this.address = address;
    this.strides = strides.clone();
  }

  /// Checks that the operand lies inside its memory.
  ///
  /// @throws IndexOutOfBoundsException if it does not
  static View of(Operand operand) {
    Shape shape = operand.type().shape();
    int bytes = operand.type().dtype().bytes();
    long[] strides = operand.layout().strides();
    long first = operand.layout().offset();
    long last = first;
    for (int axis = 0; axis < strides.length; axis++) {
      long reach = Math.max(0, shape.dim(axis) - 1) * strides[axis];
      first += Math.min(0, reach);
      last += Math.max(0, reach);
      strides[axis] *= bytes;
    }
    long extent = shape.size() == 0 ? 0 : (last - first + 1) * bytes;
    long start = Memory.address(operand.memory(), first * bytes, extent);
    return new View(
        operand.type().dtype(),
        shape,
        start + (operand.layout().offset() - first) * bytes,
        strides);
  }

  DType type() {
    return type;
  }

  Shape shape() {
    return shape;
  }

  /// Address of the first element.
  long address() {
    return address;
  }

  /// A copy of the strides, in bytes.
  long[] strides() {
    return strides.clone();
  }

  /// The view repeated to a larger shape, as numpy broadcasts.
  View broadcast(Shape to) {
    long[] out = new long[to.rank()];
    int lead = to.rank() - shape.rank();
    for (int axis = 0; axis < shape.rank(); axis++) {
      out[lead + axis] = shape.dim(axis) == 1 ? 0 : strides[axis];
    }
    return new View(type, to, address, out);
  }

  /// The first element of every other axis: a view of axes `from` to `end`.
  View axes(int from, int end) {
    return new View(
        type,
        Shape.of(Arrays.copyOfRange(shape.dims(), from, end)),
        address,
        Arrays.copyOfRange(strides, from, end));
  }

  /// One extent.
  ///
  /// @param axis negative counts from the end
  int dim(int axis) {
    return shape.dim(axis);
  }

  /// One stride in bytes.
  ///
  /// @param axis negative counts from the end
  long stride(int axis) {
    return strides[axis < 0 ? axis + strides.length : axis];
  }

  /// Address of the element at a row-major position.
  long at(long position) {
    return address + offset(position);
  }

  /// Bytes from the first element to the one at a row-major position.
  long offset(long position) {
    long offset = 0;
    long rest = position;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      offset += rest % shape.dim(axis) * strides[axis];
      rest /= shape.dim(axis);
    }
    return offset;
  }

  /// Reads the element at a row-major position.
  double get(long position) {
    return Elements.get(type, at(position));
  }

  /// Writes the element at a row-major position.
  void set(long position, double value) {
    Elements.set(type, at(position), value);
  }
}
