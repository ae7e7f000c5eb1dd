package io.griffinfly.engine.egraph;

/// For each class, the nodes that have it as a child: circular linked lists of edges, so that
/// joining the lists of two classes is one swap.
final class ParentLists {
  private int[] edgeNode = new int[128];
  private int[] edgeNext = new int[128];
  private int edges;
  private int[] last = new int[64];
  private int[] count = new int[64];

  /// Opens an empty list for a new class; classes are numbered from 0 without gaps.
  void make(int id) {
    last = IntList.grown(last, id);
    count = IntList.grown(count, id);
    last[id] = -1;
    count[id] = 0;
  }

  void add(int id, int node) {
    int edge = edges++;
    edgeNode = IntList.grown(edgeNode, edge);
    edgeNext = IntList.grown(edgeNext, edge);
    edgeNode[edge] = node;
    edgeNext[edge] = edge;
    if (last[id] >= 0) {
      swapNext(edge, last[id]);
    }
    last[id] = edge;
    count[id]++;
  }

  /// Appends the list of one class to that of another.
  void join(int root, int loser) {
    if (last[loser] < 0) {
      return;
    }
    if (last[root] >= 0) {
      swapNext(last[root], last[loser]);
    }
    last[root] = last[loser];
    count[root] += count[loser];
  }

  private void swapNext(int a, int b) {
    int next = edgeNext[a];
    edgeNext[a] = edgeNext[b];
    edgeNext[b] = next;
  }

  /// Number of edges, dead nodes included: the measure for choosing a root.
  int count(int id) {
    return count[id];
  }

  /// First edge of a class, oldest first, or -1.
  int first(int id) {
    return last[id] < 0 ? -1 : edgeNext[last[id]];
  }

  /// Edge after another in the list of the class, or -1 at the end.
  int next(int id, int edge) {
    return edge == last[id] ? -1 : edgeNext[edge];
  }

  int node(int edge) {
    return edgeNode[edge];
  }

  void copyTo(int id, IntList target) {
    for (int edge = first(id); edge >= 0; edge = next(id, edge)) {
      target.add(edgeNode[edge]);
    }
  }
}
