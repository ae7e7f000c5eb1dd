package io.griffinfly.engine.ir;

/// What the graph knows of a tensor.
///
/// @param dtype element type
/// @param shape extents
public record TensorType(DType dtype, Shape shape) implements ValueType {
  /// Makes a type.
  ///
  /// @param dtype element type
  /// @param dims extents
  /// @return the type
  public static TensorType of(DType dtype, int... dims) {
    return new TensorType(dtype, Shape.of(dims));
  }

  /// Size of the tensor when it is stored densely.
  ///
  /// @return the size in bytes
  public long bytes() {
    return shape.size() * dtype.bytes();
  }

  /// The same type with another shape.
  ///
  /// @param other the shape
  /// @return the type
  public TensorType withShape(Shape other) {
    return new TensorType(dtype, other);
  }

  /// The text form, such as `f32[32,784]`.
  @Override
  public String toString() {
    return dtype.name().toLowerCase(java.util.Locale.ROOT) + shape;
  }
}
