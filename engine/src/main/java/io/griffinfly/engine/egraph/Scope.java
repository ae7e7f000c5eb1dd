package io.griffinfly.engine.egraph;

import java.util.Arrays;

/// The part of an e-graph that the roots can reach, with the cost of each of its nodes. Classes are
/// listed ascending by oldest node, which is an order that never depends on who became the root of
/// a merged class.
final class Scope {
  private final int[] classes;
  private final int[][] nodes;
  private final double[] costs;

  private Scope(int[] classes, int[][] nodes, double[] costs) {
    this.classes = classes;
    this.nodes = nodes;
    this.costs = costs;
  }

  static <H, D> Scope of(EGraph<H, D> graph, CostModel<H, D> model, int[] roots) {
    int[][] nodes = new int[graph.nodeCount()][];
    double[] costs = new double[graph.nodeCount()];
    Arrays.fill(costs, Double.POSITIVE_INFINITY);
    IntList queue = new IntList();
    IntList oldest = new IntList();
    for (int root : roots) {
      queue.add(graph.find(root));
    }
    while (!queue.isEmpty()) {
      int id = queue.removeLast();
      if (nodes[id] != null) {
        continue;
      }
      nodes[id] = graph.nodes(id);
      oldest.add(graph.lowest(id));
      for (int node : nodes[id]) {
        costs[node] = checked(graph, node, model.cost(graph, node));
        for (int i = 0; i < graph.kidCount(node); i++) {
          queue.add(graph.kid(node, i));
        }
      }
    }
    int[] classes = Arrays.stream(oldest.toSortedArray()).map(graph::find).toArray();
    return new Scope(classes, nodes, costs);
  }

  private static double checked(EGraph<?, ?> graph, int node, double cost) {
    if (Double.isNaN(cost) || cost < 0) {
      throw new EGraphException("the cost of " + EGraphText.node(graph, node) + " is " + cost);
    }
    return cost;
  }

  int[] classes() {
    return classes;
  }

  /// The live nodes of a class in scope, ascending.
  int[] nodes(int id) {
    return nodes[id];
  }

  boolean contains(int id) {
    return nodes[id] != null;
  }

  double cost(int node) {
    return costs[node];
  }

  boolean isAllowed(int node) {
    return costs[node] < Double.POSITIVE_INFINITY;
  }
}
