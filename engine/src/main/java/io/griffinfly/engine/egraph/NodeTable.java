package io.griffinfly.engine.egraph;

import java.util.Arrays;

/// The e-nodes as a struct of arrays, and the hash-cons over them: open addressing with linear
/// probing on node ids, the hash of every node stored, deletion by backward shift (Knuth, The Art
/// of Computer Programming 3, 6.4, algorithm R), so that no tombstones pile up.
///
/// A node keeps its children twice: `kids`, rewritten to canonical classes by a repair, and
/// `given`, as they were when the node was added, which explanations need.
final class NodeTable {
  private int size;
  private int[] heads = new int[64];
  private int[] hashes = new int[64];
  private int[] kidStart = new int[65];
  private boolean[] dead = new boolean[64];
  private int[] kids = new int[128];
  private int[] given = new int[128];
  private int[] slots = new int[256];
  private int used;

  static int hash(int head, int[] source, int from, int count) {
    int hash = head * 0x9E3779B9;
    for (int i = from; i < from + count; i++) {
      hash = Integer.rotateLeft(hash ^ source[i] * 0x85EBCA6B, 13) * 5 + 0x52DCE729;
    }
    hash = (hash ^ (hash >>> 16)) * 0x7FEB352D;
    return hash ^ (hash >>> 15);
  }

  int size() {
    return size;
  }

  int head(int node) {
    return heads[node];
  }

  int kidCount(int node) {
    return kidStart[node + 1] - kidStart[node];
  }

  int kid(int node, int index) {
    return kids[kidStart[node] + index];
  }

  int given(int node, int index) {
    return given[kidStart[node] + index];
  }

  boolean isDead(int node) {
    return dead[node];
  }

  void kill(int node) {
    dead[node] = true;
  }

  /// The live node with this head and these canonical children, or -1.
  int lookup(int head, int[] canonical) {
    return lookup(head, canonical, 0, canonical.length, hash(head, canonical, 0, canonical.length));
  }

  private int lookup(int head, int[] source, int from, int count, int hash) {
    int mask = slots.length - 1;
    for (int slot = hash & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
      int node = slots[slot] - 1;
      int start = kidStart[node];
      if (hashes[node] == hash
          && heads[node] == head
          && Arrays.equals(kids, start, kidStart[node + 1], source, from, from + count)) {
        return node;
      }
    }
    return -1;
  }

  /// Appends a node that [#lookup] did not find.
  int append(int head, int[] canonical, int[] asGiven) {
    int node = size++;
    if (node == heads.length) {
      heads = Arrays.copyOf(heads, node * 2);
      hashes = Arrays.copyOf(hashes, node * 2);
      kidStart = Arrays.copyOf(kidStart, node * 2 + 1);
      dead = Arrays.copyOf(dead, node * 2);
    }
    int start = kidStart[node];
    int end = start + canonical.length;
    if (end > kids.length) {
      kids = Arrays.copyOf(kids, Math.max(end, kids.length * 2));
      given = Arrays.copyOf(given, kids.length);
    }
    System.arraycopy(canonical, 0, kids, start, canonical.length);
    System.arraycopy(asGiven, 0, given, start, canonical.length);
    kidStart[node + 1] = end;
    heads[node] = head;
    hashes[node] = hash(head, canonical, 0, canonical.length);
    insert(node);
    return node;
  }

  /// Rewrites the children of a live node to canonical classes and files it under its new hash. Two
  /// nodes that became equal collide; the older one stays in the table, and the caller must [#kill]
  /// the younger.
  ///
  /// Returns the other node of the collision, or -1.
  int repair(int node, UnionFind classes) {
    remove(node);
    int start = kidStart[node];
    int count = kidCount(node);
    for (int i = start; i < start + count; i++) {
      kids[i] = classes.find(kids[i]);
    }
    hashes[node] = hash(heads[node], kids, start, count);
    int other = lookup(heads[node], kids, start, count, hashes[node]);
    if (other < 0) {
      insert(node);
    } else if (node < other) {
      remove(other);
      insert(node);
    }
    return other;
  }

  private void insert(int node) {
    if (++used * 2 > slots.length) {
      int[] old = slots;
      slots = new int[old.length * 2];
      for (int entry : old) {
        if (entry != 0) {
          place(entry);
        }
      }
    }
    place(node + 1);
  }

  private void place(int entry) {
    int mask = slots.length - 1;
    int slot = hashes[entry - 1] & mask;
    while (slots[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = entry;
  }

  private void remove(int node) {
    int mask = slots.length - 1;
    int hole = hashes[node] & mask;
    while (slots[hole] != node + 1) {
      if (slots[hole] == 0) {
        return;
      }
      hole = (hole + 1) & mask;
    }
    slots[hole] = 0;
    used--;
    for (int at = (hole + 1) & mask; slots[at] != 0; at = (at + 1) & mask) {
      int home = hashes[slots[at] - 1] & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        slots[hole] = slots[at];
        slots[at] = 0;
        hole = at;
      }
    }
  }
}
