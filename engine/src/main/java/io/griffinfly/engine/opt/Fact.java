package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import org.jspecify.annotations.Nullable;

/// What the optimizer knows about a class of equal values.
///
/// @param valueType the type, the same for every member
/// @param constant the value, if it is known and small
public record Fact(ValueType valueType, @Nullable Literal constant) {
  /// The type of a value that is one tensor.
  ///
  /// @return the type
  public TensorType type() {
    return (TensorType) valueType;
  }

  /// The shape of a value that is one tensor.
  ///
  /// @return the shape
  public Shape shape() {
    return type().shape();
  }

  /// Whether every element is known to be one number.
  ///
  /// @param value the number
  /// @return true if so
  public boolean isSplat(double value) {
    return constant != null && constant.isSplat(value);
  }

  /// Whether every element is known to be the same.
  ///
  /// @return true if so
  public boolean isSplat() {
    return constant != null && constant.isSplat();
  }
}
