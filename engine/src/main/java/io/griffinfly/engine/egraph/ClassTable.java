package io.griffinfly.engine.egraph;

/// The e-classes as a struct of arrays over node ids: union-find, a circular list of members (a
/// merge is one swap), parent lists, the lowest live member and the epoch of the last change.
final class ClassTable {
  private final UnionFind sets = new UnionFind();
  private final ParentLists parents = new ParentLists();
  private int[] next = new int[64];
  private int[] lowest = new int[64];
  private int[] stamps = new int[64];
  private int count;
  private int epoch;

  /// Opens a class with one member, whose id is the number of ids so far.
  int make() {
    int id = sets.make();
    parents.make(id);
    next = IntList.grown(next, id);
    lowest = IntList.grown(lowest, id);
    stamps = IntList.grown(stamps, id);
    next[id] = id;
    lowest[id] = id;
    stamps[id] = epoch;
    count++;
    return id;
  }

  /// Joins two classes under the one with more parents, the older one at a tie.
  ///
  /// Returns the canonical id that is no more.
  int join(int a, int b) {
    int byParents = parents.count(a) - parents.count(b);
    boolean keepA = byParents > 0 || (byParents == 0 && a < b);
    int root = keepA ? a : b;
    int loser = keepA ? b : a;
    sets.link(root, loser);
    parents.join(root, loser);
    int after = next[root];
    next[root] = next[loser];
    next[loser] = after;
    lowest[root] = Math.min(lowest[root], lowest[loser]);
    count--;
    touch(root);
    return loser;
  }

  UnionFind sets() {
    return sets;
  }

  ParentLists parents() {
    return parents;
  }

  int count() {
    return count;
  }

  int nextMember(int id) {
    return next[id];
  }

  int lowest(int root) {
    return lowest[root];
  }

  int stamp(int root) {
    return stamps[root];
  }

  void touch(int root) {
    stamps[root] = epoch;
  }

  int epoch() {
    return epoch;
  }

  /// Starts a new epoch: what changes from now on has a later stamp than what changed before.
  void advance() {
    epoch++;
  }
}
