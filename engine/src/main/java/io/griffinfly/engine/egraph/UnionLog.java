package io.griffinfly.engine.egraph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// Every union ever made, with its reason. As each one joined two sets that were apart, the log is
/// a forest over node ids, and the path between two ids is the proof of their equality.
final class UnionLog {
  /// Reason of a union that followed from equal children.
  static final String CONGRUENCE = "congruence";

  private final List<Step> steps = new ArrayList<>();

  void add(String rule, int left, int right) {
    steps.add(new Step(rule, left, right));
  }

  int size() {
    return steps.size();
  }

  /// The steps that lead from one id to another, and after a congruence step those that made its
  /// children equal.
  List<Step> explain(NodeTable nodes, int left, int right) {
    Forest forest = new Forest(steps, nodes.size());
    boolean[] told = new boolean[steps.size()];
    List<Step> proof = new ArrayList<>();
    ArrayDeque<int[]> claims = new ArrayDeque<>();
    claims.add(new int[] {left, right});
    while (!claims.isEmpty()) {
      int[] claim = claims.removeFirst();
      for (int index : forest.path(claim[0], claim[1])) {
        if (told[index]) {
          continue;
        }
        told[index] = true;
        Step step = steps.get(index);
        proof.add(step);
        if (step.rule().equals(CONGRUENCE)) {
          for (int i = 0; i < nodes.kidCount(step.left()); i++) {
            claims.add(new int[] {nodes.given(step.left(), i), nodes.given(step.right(), i)});
          }
        }
      }
    }
    return proof;
  }

  /// The log as adjacency lists.
  private static final class Forest {
    private final List<Step> steps;
    private final int[] first;
    private final int[] next;

    Forest(List<Step> steps, int ids) {
      this.steps = steps;
      first = new int[ids];
      Arrays.fill(first, -1);
      next = new int[steps.size() * 2];
      for (int i = 0; i < steps.size(); i++) {
        link(steps.get(i).left(), i * 2);
        link(steps.get(i).right(), i * 2 + 1);
      }
    }

    private void link(int id, int edge) {
      next[edge] = first[id];
      first[id] = edge;
    }

    List<Integer> path(int from, int to) {
      if (from == to) {
        return List.of();
      }
      int[] cameBy = new int[first.length];
      Arrays.fill(cameBy, -1);
      ArrayDeque<Integer> queue = new ArrayDeque<>(List.of(from));
      while (!queue.isEmpty() && cameBy[to] < 0) {
        int id = queue.removeFirst();
        for (int edge = first[id]; edge >= 0; edge = next[edge]) {
          int other = otherEnd(edge);
          if (other != from && cameBy[other] < 0) {
            cameBy[other] = edge;
            queue.add(other);
          }
        }
      }
      List<Integer> path = new ArrayList<>();
      for (int at = to; at != from; ) {
        int edge = cameBy[at];
        path.add(edge / 2);
        at = otherEnd(edge ^ 1);
      }
      Collections.reverse(path);
      return path;
    }

    private int otherEnd(int edge) {
      Step step = steps.get(edge / 2);
      return edge % 2 == 0 ? step.right() : step.left();
    }
  }
}
