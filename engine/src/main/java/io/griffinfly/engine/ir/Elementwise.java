package io.griffinfly.engine.ir;

/// Operations on elements of one position each.
public sealed interface Elementwise extends Op {
  /// A scalar function of operands that broadcast against each other as in numpy.
  ///
  /// @param fn the function
  record Map(ScalarFn fn) implements Elementwise {}

  /// Converts the element type: to nearest even for floating point, toward zero for integers, ≠ 0
  /// for truth values.
  ///
  /// @param to the type to convert to
  record Cast(DType to) implements Elementwise {}
}
