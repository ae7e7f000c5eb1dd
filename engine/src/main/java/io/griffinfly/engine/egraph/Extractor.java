package io.griffinfly.engine.egraph;

import java.util.Arrays;

/// Chooses one node for each class so that the whole term of the roots is cheap, a shared class
/// counted once. Finding the optimum is NP-hard; this is local search from a good start:
///
/// 1. *Start*: the cost of a child is divided among the classes that use it, so that no cost grows
///    exponentially with the depth of a shared graph. (A tree cost overflows a double on the
///    training graph of a transformer with 120 layers.) Cycles are cut at the oldest node of a
///    class, which is always an acyclic term.
/// 2. *Single moves*: another node for one class, by reference counts: what it newly needs minus
///    what it frees.
/// 3. *Bundle moves*: the registered bundles, all choices or none.
/// 4. *Joint moves*: all classes that could use an unused class start to, or all that use a class
///    stop.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
public final class Extractor<H, D> {
  private final EGraph<H, D> graph;
  private final CostModel<H, D> model;
  private final int rounds;

  /// An extractor.
  ///
  /// @param graph the e-graph, rebuilt
  /// @param model what a node costs
  /// @param rounds most rounds of moves; 4 reach the fixpoint on transformer graphs
  public Extractor(EGraph<H, D> graph, CostModel<H, D> model, int rounds) {
    this.graph = graph;
    this.model = model;
    this.rounds = rounds;
  }

  /// Extracts the terms of some classes together.
  ///
  /// @param roots ids of the classes wanted
  /// @return the choice
  /// @throws EGraphException if a cost is negative or not a number, or a root has only forbidden
  ///   terms
  public Extraction extract(int... roots) {
    Scope scope = Scope.of(graph, model, roots);
    Selection selection = new Selection(graph, scope, StartChoice.of(graph, scope));
    for (int root : roots) {
      selection.require(graph.find(root));
    }
    double start = selection.cost();
    Moves moves = new Moves(graph, scope, selection);
    int round = 0;
    while (round < rounds && moves.round()) {
      round++;
    }
    int[] order = selection.order(roots);
    int[] chosen = new int[graph.nodeCount()];
    Arrays.setAll(chosen, id -> selection.chosen(graph.find(id)));
    double result = Arrays.stream(order).mapToDouble(scope::cost).sum();
    return new Extraction(
        chosen,
        order,
        new Extraction.Costs(
            oldestTerm(scope, roots),
            start,
            result,
            selection.cost(),
            moves.singles(),
            moves.bundles(),
            moves.joints()));
  }

  private double oldestTerm(Scope scope, int[] roots) {
    boolean[] seen = new boolean[graph.nodeCount()];
    IntList stack = new IntList();
    for (int root : roots) {
      stack.add(graph.find(root));
    }
    double cost = 0;
    while (!stack.isEmpty()) {
      int id = stack.removeLast();
      if (!seen[id]) {
        seen[id] = true;
        int node = graph.lowest(id);
        cost += scope.cost(node);
        for (int i = 0; i < graph.kidCount(node); i++) {
          stack.add(graph.kid(node, i));
        }
      }
    }
    return cost;
  }
}
