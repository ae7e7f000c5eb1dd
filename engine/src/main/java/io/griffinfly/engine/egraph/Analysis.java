package io.griffinfly.engine.egraph;

/// What the client knows about every e-class: a value of a join-semilattice, such as the tensor
/// type and a small constant. Made for each node from the values of its children, merged when
/// classes merge (Willsey et al., "egg: Fast and Extensible Equality Saturation", POPL 2021,
/// section 4).
///
/// @param <H> the client's operator records
/// @param <D> the value of a class; compared by `equals`
public interface Analysis<H, D> {
  /// The value of a node. Must not change the e-graph.
  ///
  /// @param graph the e-graph, for the values of the children
  /// @param op the operator
  /// @param kids canonical classes of the children
  /// @return the value
  /// @throws RuntimeException if the operator does not fit its children; the node is then not added
  D make(EGraph<H, D> graph, H op, int[] kids);

  /// The value of a class that two classes merged into. Must be commutative and associative, and
  /// only ever gain knowledge, or rebuilding does not end.
  ///
  /// @param left value of one class
  /// @param right value of the other
  /// @return the merged value
  /// @throws RuntimeException if the two cannot be equal; the e-graph names the rule at fault
  D merge(D left, D right);

  /// Called in a rebuild for each class that is new or whose value or members changed. It may add
  /// nodes and unite classes, such as a constant node for a class whose value is known.
  ///
  /// @param graph the e-graph
  /// @param id the class
  default void modify(EGraph<H, D> graph, int id) {}
}
