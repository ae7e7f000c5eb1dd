package io.griffinfly.engine.egraph;

import java.util.Arrays;

/// The state of an extraction: a node for each class, how often each class is used, and a
/// topological order that every change keeps valid (Pearce and Kelly, "A Dynamic Topological Sort
/// Algorithm for Directed Acyclic Graphs", 2006), so that the question "would this be a cycle?"
/// looks only at the classes between two places of the order.
final class Selection {
  private final EGraph<?, ?> graph;
  private final Scope scope;
  private final int[] choices;
  private final int[] positions;
  private final int[] uses;
  private final int[] marks;
  private final IntList stack = new IntList();
  private int mark;
  private double cost;

  Selection(EGraph<?, ?> graph, Scope scope, StartChoice start) {
    this.graph = graph;
    this.scope = scope;
    choices = start.choices();
    positions = start.positions();
    uses = new int[choices.length];
    marks = new int[choices.length];
  }

  /// Makes a class needed for good.
  void require(int id) {
    if (choices[id] == EGraph.NONE) {
      String term = EGraphText.term(graph, graph.lowest(id), 2);
      throw new EGraphException("every term of " + term + " has a node with an infinite cost");
    }
    acquire(id);
  }

  double cost() {
    return cost;
  }

  int choice(int id) {
    return choices[id];
  }

  /// The node chosen for a class that is used, otherwise none.
  int chosen(int id) {
    return uses[id] > 0 ? choices[id] : EGraph.NONE;
  }

  boolean isUsed(int id) {
    return uses[id] > 0;
  }

  int uses(int id) {
    return uses[id];
  }

  /// Whether a node can be chosen at all: its cost is finite and its children have terms.
  boolean isPossible(int node) {
    for (int i = 0; i < graph.kidCount(node); i++) {
      if (choices[graph.kid(node, i)] == EGraph.NONE) {
        return false;
      }
    }
    return scope.isAllowed(node);
  }

  /// Chooses a node for a class and updates cost and uses, but not the order: to be followed by
  /// [#settle], or taken back by another swap.
  ///
  /// Returns by how much the cost changes.
  double swap(int id, int node) {
    int old = choices[id];
    choices[id] = node;
    if (uses[id] == 0) {
      return 0;
    }
    double before = cost;
    cost = 0;
    cost += scope.cost(node) - scope.cost(old);
    for (int i = 0; i < graph.kidCount(node); i++) {
      acquire(graph.kid(node, i));
    }
    for (int i = 0; i < graph.kidCount(old); i++) {
      release(graph.kid(old, i));
    }
    double change = cost;
    cost = before + change;
    return change;
  }

  private void acquire(int first) {
    stack.clear();
    stack.add(first);
    while (!stack.isEmpty()) {
      int id = stack.removeLast();
      if (uses[id]++ == 0) {
        cost += scope.cost(choices[id]);
        pushKids(choices[id]);
      }
    }
  }

  private void release(int first) {
    stack.clear();
    stack.add(first);
    while (!stack.isEmpty()) {
      int id = stack.removeLast();
      if (--uses[id] == 0) {
        cost -= scope.cost(choices[id]);
        pushKids(choices[id]);
      }
    }
  }

  private void pushKids(int node) {
    for (int i = 0; i < graph.kidCount(node); i++) {
      stack.add(graph.kid(node, i));
    }
  }

  /// Makes the order valid for the present choice of a class. Returns false, and changes nothing,
  /// if the choice closes a cycle.
  boolean settle(int id) {
    IntList below = new IntList();
    int last = descend(id, below);
    if (last < 0) {
      return false;
    }
    if (!below.isEmpty()) {
      reorder(below, ascend(id, last));
    }
    return true;
  }

  /// Collects what the choice of a class reaches at places after its own. Returns the last of these
  /// places, its own if there are none, -1 for a cycle.
  private int descend(int id, IntList found) {
    int place = positions[id];
    int last = place;
    mark++;
    stack.clear();
    pushKids(choices[id]);
    while (!stack.isEmpty()) {
      int at = stack.removeLast();
      if (at == id) {
        return -1;
      }
      if (positions[at] > place && marks[at] != mark) {
        marks[at] = mark;
        found.add(at);
        last = Math.max(last, positions[at]);
        pushKids(choices[at]);
      }
    }
    return last;
  }

  /// Collects a class and everything that reaches it by choices, up to a place.
  private IntList ascend(int id, int last) {
    IntList found = new IntList();
    ParentLists parents = graph.classes().parents();
    mark++;
    marks[id] = mark;
    found.add(id);
    for (int i = 0; i < found.size(); i++) {
      int at = found.get(i);
      for (int edge = parents.first(at); edge >= 0; edge = parents.next(at, edge)) {
        int user = graph.find(parents.node(edge));
        if (choices[user] == parents.node(edge) && positions[user] < last && marks[user] != mark) {
          marks[user] = mark;
          found.add(user);
        }
      }
    }
    return found;
  }

  private void reorder(IntList below, IntList above) {
    int[] lower = byPlace(below);
    int[] upper = byPlace(above);
    int[] places = new int[lower.length + upper.length];
    Arrays.setAll(places, i -> positions[i < lower.length ? lower[i] : upper[i - lower.length]]);
    Arrays.sort(places);
    for (int i = 0; i < places.length; i++) {
      positions[i < lower.length ? lower[i] : upper[i - lower.length]] = places[i];
    }
  }

  private int[] byPlace(IntList classes) {
    long[] keys = new long[classes.size()];
    Arrays.setAll(keys, i -> (long) positions[classes.get(i)] << 32 | classes.get(i));
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  /// The chosen nodes of used classes, children first, each as early as its first user asks.
  int[] order(int[] roots) {
    IntList order = new IntList();
    mark++;
    for (int root : roots) {
      stack.clear();
      stack.add(graph.find(root));
      while (!stack.isEmpty()) {
        int id = stack.removeLast();
        if (id < 0) {
          order.add(choices[~id]);
        } else if (marks[id] != mark) {
          marks[id] = mark;
          stack.add(~id);
          for (int i = graph.kidCount(choices[id]) - 1; i >= 0; i--) {
            stack.add(graph.kid(choices[id], i));
          }
        }
      }
    }
    return order.toArray();
  }
}
