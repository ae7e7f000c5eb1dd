package io.griffinfly.engine.ir;

import java.util.List;

/// The type of a node's value: one tensor, or several for an operation with several results, which
/// a projection node takes apart.
public sealed interface ValueType permits TensorType, ValueType.Tuple {
  /// Several tensors.
  ///
  /// @param elements their types, in order
  record Tuple(List<TensorType> elements) implements ValueType {
    /// Copies its argument.
    public Tuple {
      elements = List.copyOf(elements);
    }
  }
}
