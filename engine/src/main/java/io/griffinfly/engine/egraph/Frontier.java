package io.griffinfly.engine.egraph;

import java.util.Arrays;

/// How far each class is above the nearest class that changed: a pattern of depth d can only match
/// anew at a root within d levels of a change, so a later iteration looks nowhere else. (The idea
/// of semi-naive evaluation, as in egglog, on classes instead of tuples.)
final class Frontier {
  private final int[] levels;

  private Frontier(int[] levels) {
    this.levels = levels;
  }

  /// The frontier of everything.
  static Frontier everywhere(EGraph<?, ?> graph) {
    return new Frontier(new int[graph.nodeCount()]);
  }

  /// Classes touched in an epoch or later, and their ancestors up to a depth.
  static Frontier since(EGraph<?, ?> graph, int epoch, int depth) {
    ClassTable classes = graph.classes();
    int[] levels = new int[graph.nodeCount()];
    Arrays.fill(levels, Integer.MAX_VALUE);
    IntList queue = new IntList();
    for (int id = 0; id < levels.length; id++) {
      if (graph.isClass(id) && classes.stamp(id) >= epoch) {
        levels[id] = 0;
        queue.add(id);
      }
    }
    for (int i = 0; i < queue.size(); i++) {
      int id = queue.get(i);
      if (levels[id] == depth) {
        break;
      }
      ParentLists parents = classes.parents();
      for (int edge = parents.first(id); edge >= 0; edge = parents.next(id, edge)) {
        int parent = graph.find(parents.node(edge));
        if (levels[parent] == Integer.MAX_VALUE) {
          levels[parent] = levels[id] + 1;
          queue.add(parent);
        }
      }
    }
    return new Frontier(levels);
  }

  boolean reaches(int id, int depth) {
    return levels[id] <= depth;
  }
}
