package io.griffinfly.engine.ir;

import java.util.Arrays;

/// A constant's value: elements as doubles, all equal or one by one. Integer values are exact up to
/// 2^53. Two literals are equal when their bits are.
public final class Literal {
  private final TensorType type;
  private final double[] values;

  private Literal(TensorType type, double[] values) {
    this.type = type;
    this.values = values;
  }

  /// Every element the same.
  ///
  /// @param type element type and shape
  /// @param value the value
  /// @return the literal
  public static Literal splat(TensorType type, double value) {
    return new Literal(type, new double[] {value});
  }

  /// Elements one by one; becomes a splat when they are all equal.
  ///
  /// @param type element type and shape
  /// @param values the elements, row by row
  /// @return the literal
  /// @throws GraphException if the count does not fit the shape
  public static Literal of(TensorType type, double... values) {
    if (values.length != type.shape().size()) {
      throw new GraphException(
          "constant " + type + " takes " + type.shape().size() + " values, not " + values.length);
    }
    for (double value : values) {
      if (Double.doubleToLongBits(value) != Double.doubleToLongBits(values[0])) {
        return new Literal(type, values.clone());
      }
    }
    return new Literal(type, values.length == 0 ? new double[1] : new double[] {values[0]});
  }

  /// A literal with a tensor's elements.
  ///
  /// @param tensor the tensor
  /// @return the literal
  public static Literal of(Tensor tensor) {
    return of(tensor.type(), tensor.toDoubles());
  }

  /// Element type and shape.
  ///
  /// @return the type
  public TensorType type() {
    return type;
  }

  /// Whether all elements are equal.
  ///
  /// @return true for a splat
  public boolean isSplat() {
    return values.length == 1;
  }

  /// Whether all elements equal a value.
  ///
  /// @param value the value
  /// @return true for a splat of it
  public boolean isSplat(double value) {
    return isSplat() && values[0] == value;
  }

  /// One element.
  ///
  /// @param index row-major position
  /// @return the value
  public double get(long index) {
    return values[isSplat() ? 0 : Math.toIntExact(index)];
  }

  /// The literal as a tensor of its own.
  ///
  /// @return the tensor
  public Tensor toTensor() {
    Tensor tensor = Tensor.zeros(type);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, get(i));
    }
    return tensor;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Literal literal
        && type.equals(literal.type)
        && Arrays.equals(values, literal.values);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return type + (isSplat() ? "{" + values[0] + "}" : Arrays.toString(values).replace(" ", ""));
  }
}
