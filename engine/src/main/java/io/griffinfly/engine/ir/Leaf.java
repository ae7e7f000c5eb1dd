package io.griffinfly.engine.ir;

/// Values that have no inputs.
public sealed interface Leaf extends Op {
  /// A tensor that the caller gives anew for every run.
  ///
  /// @param name unique among the inputs of a graph
  /// @param type element type and shape
  record Input(String name, TensorType type) implements Leaf {}

  /// A tensor that outlives a run: it is read as it was when the step began, and an assignment of
  /// the graph replaces it when the step ends.
  ///
  /// @param name unique among the states of a graph
  /// @param type element type and shape
  /// @param role what the tensor is for
  /// @param initializer its first value
  record State(String name, TensorType type, Role role, Initializer initializer) implements Leaf {}

  /// A tensor known when the graph is built.
  ///
  /// @param literal the value
  record Constant(Literal literal) implements Leaf {}

  /// Counts along an axis: the element at index `i` of that axis is `i`.
  ///
  /// @param type element type and shape
  /// @param axis the axis, 0 or more
  record Iota(TensorType type, int axis) implements Leaf {}

  /// What a state is for.
  enum Role {
    /// A weight: differentiated and updated by an optimizer.
    PARAMETER,
    /// Kept with the model but not differentiated, such as running statistics or a key-value cache.
    BUFFER,
    /// Kept by an optimizer, such as a moment.
    OPTIMIZER
  }
}
