package io.griffinfly.engine.egraph;

/// Disjoint sets over node ids with path halving (Tarjan and van Leeuwen, 1984). Who becomes the
/// root is the caller's choice, because the e-graph keeps the class with more parents.
final class UnionFind {
  private int[] parent = new int[64];
  private int size;

  int make() {
    parent = IntList.grown(parent, size);
    parent[size] = size;
    return size++;
  }

  int find(int id) {
    int at = id;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  boolean isRoot(int id) {
    return parent[id] == id;
  }

  int size() {
    return size;
  }

  void link(int root, int loser) {
    parent[loser] = root;
  }
}
