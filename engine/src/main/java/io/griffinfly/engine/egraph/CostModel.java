package io.griffinfly.engine.egraph;

/// What it costs to compute a node, its children not included.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
@FunctionalInterface
public interface CostModel<H, D> {
  /// The cost of one node. Asked once for each live node that the roots can reach.
  ///
  /// @param graph the e-graph, rebuilt
  /// @param node a live node
  /// @return zero or more, in any unit; infinity for a node that must not be chosen
  double cost(EGraph<H, D> graph, int node);
}
