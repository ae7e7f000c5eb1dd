package io.griffinfly.engine.egraph;

import java.util.Arrays;

/// The first choice of an extraction: for each class the node with the least amortized cost, made
/// acyclic, and a topological order of all classes under it.
final class StartChoice {
  /// Most sweeps over the classes; costs settle in two or three, as most children are older.
  private static final int SWEEPS = 8;

  private final EGraph<?, ?> graph;
  private final Scope scope;
  private final double[] amortized;
  private final int[] users;
  private final int[] choices;
  private final int[] positions;
  private final IntList order = new IntList();

  private StartChoice(EGraph<?, ?> graph, Scope scope) {
    this.graph = graph;
    this.scope = scope;
    int size = graph.nodeCount();
    amortized = new double[size];
    users = new int[size];
    choices = new int[size];
    positions = new int[size];
    Arrays.fill(amortized, Double.POSITIVE_INFINITY);
    Arrays.fill(choices, EGraph.NONE);
    Arrays.fill(positions, EGraph.NONE);
  }

  static StartChoice of(EGraph<?, ?> graph, Scope scope) {
    StartChoice start = new StartChoice(graph, scope);
    start.countUsers();
    int sweep = 0;
    while (sweep < SWEEPS && start.sweep()) {
      sweep++;
    }
    start.arrange();
    return start;
  }

  /// Counts the classes that could use each class, a class with several such nodes once.
  private void countUsers() {
    int[] lastUser = new int[users.length];
    Arrays.fill(lastUser, EGraph.NONE);
    for (int id : scope.classes()) {
      for (int node : scope.nodes(id)) {
        for (int i = 0; i < graph.kidCount(node); i++) {
          int kid = graph.kid(node, i);
          if (lastUser[kid] != id) {
            lastUser[kid] = id;
            users[kid]++;
          }
        }
      }
    }
  }

  private boolean sweep() {
    boolean changed = false;
    for (int id : scope.classes()) {
      for (int node : scope.nodes(id)) {
        double cost = scope.cost(node);
        for (int i = 0; i < graph.kidCount(node); i++) {
          int kid = graph.kid(node, i);
          cost += amortized[kid] / users[kid];
        }
        if (cost < amortized[id]) {
          amortized[id] = cost;
          choices[id] = node;
          changed = true;
        }
      }
    }
    return changed;
  }

  /// Orders the classes so that each comes after the children of its choice. Where choices run in a
  /// circle, the first class in scope order that can take a node over classes already ordered does.
  private void arrange() {
    for (int id : scope.classes()) {
      tryPlace(id);
    }
    int next = 0;
    while (true) {
      while (next < order.size()) {
        placeUsers(order.get(next++));
      }
      int cut = firstCut();
      if (cut == EGraph.NONE) {
        break;
      }
      place(cut);
    }
    for (int id : scope.classes()) {
      if (positions[id] == EGraph.NONE) {
        choices[id] = EGraph.NONE;
      }
    }
  }

  private void placeUsers(int kid) {
    ParentLists parents = graph.classes().parents();
    for (int edge = parents.first(kid); edge >= 0; edge = parents.next(kid, edge)) {
      int id = graph.find(parents.node(edge));
      if (choices[id] == parents.node(edge)) {
        tryPlace(id);
      }
    }
  }

  private int firstCut() {
    for (int id : scope.classes()) {
      if (positions[id] == EGraph.NONE) {
        for (int node : scope.nodes(id)) {
          if (isReady(node)) {
            choices[id] = node;
            return id;
          }
        }
      }
    }
    return EGraph.NONE;
  }

  private void tryPlace(int id) {
    if (positions[id] == EGraph.NONE && choices[id] != EGraph.NONE && isReady(choices[id])) {
      place(id);
    }
  }

  private void place(int id) {
    positions[id] = order.size();
    order.add(id);
  }

  private boolean isReady(int node) {
    for (int i = 0; i < graph.kidCount(node); i++) {
      if (positions[graph.kid(node, i)] == EGraph.NONE) {
        return false;
      }
    }
    return scope.isAllowed(node);
  }

  int[] choices() {
    return choices;
  }

  /// Place of each class in a topological order; -1 for a class without an allowed term.
  int[] positions() {
    return positions;
  }
}
