package io.griffinfly.engine.egraph;

import io.griffinfly.engine.egraph.Arithmetic.Known;
import io.griffinfly.engine.egraph.Arithmetic.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Small random e-graphs with random costs, and the least cost of their roots by trying everything.
final class RandomTerms {
  private final EGraph<Term, Known> graph = Arithmetic.graph();
  private final Random random;
  private final int[] roots;
  private final double[] costs;
  private final int[] choice;

  /// How the terms hang together.
  enum Family {
    /// Any classes merged: choices can run in circles.
    LOOPS,
    /// Two layers of five classes, each with up to three nodes over the layer below: much sharing.
    TWO_LAYERS,
    /// Three layers of four classes.
    THREE_LAYERS
  }

  RandomTerms(Family family, int seed) {
    random = new Random(31L * seed + family.name().length());
    List<Integer> top =
        switch (family) {
          case LOOPS -> loops();
          case TWO_LAYERS -> layers(2, 5);
          case THREE_LAYERS -> layers(3, 4);
        };
    graph.rebuild();
    roots = top.stream().limit(3).mapToInt(Integer::intValue).toArray();
    costs = random.ints(graph.nodeCount(), 0, 12).asDoubleStream().toArray();
    choice = new int[graph.nodeCount()];
  }

  EGraph<Term, Known> graph() {
    return graph;
  }

  int[] roots() {
    return roots.clone();
  }

  double cost(EGraph<Term, Known> owner, int node) {
    return owner == graph ? costs[node] : Double.NaN;
  }

  private int add(int... kids) {
    return graph.add(new Term.Function("f" + graph.nodeCount()), kids);
  }

  private List<Integer> loops() {
    int size = 8 + random.nextInt(10);
    for (int i = 0; i < size; i++) {
      add(i < 2 ? new int[0] : random.ints(random.nextInt(4), 0, i).toArray());
    }
    for (int i = 0; i < size / 2; i++) {
      graph.union(random.nextInt(size), random.nextInt(size), "random");
    }
    return random.ints(1 + random.nextInt(2), 0, size).boxed().toList();
  }

  private List<Integer> layers(int depth, int width) {
    List<Integer> below = IntStream.range(0, width).mapToObj(_ -> add()).toList();
    for (int layer = 0; layer < depth; layer++) {
      List<Integer> classes = new ArrayList<>();
      for (int i = 0; i < width; i++) {
        int first = over(below);
        classes.add(first);
        for (int more = random.nextInt(3); more > 0; more--) {
          graph.union(first, over(below), "random");
        }
      }
      below = classes;
    }
    return below;
  }

  private int over(List<Integer> below) {
    return add(random.ints(1 + random.nextInt(3), 0, below.size()).map(below::get).toArray());
  }

  double leastCost() {
    int[] classes = IntStream.range(0, graph.nodeCount()).filter(graph::isClass).toArray();
    return leastCost(classes, 0);
  }

  private double leastCost(int[] classes, int next) {
    if (next == classes.length) {
      int[] state = new int[choice.length];
      return IntStream.of(roots).mapToDouble(root -> visit(graph.find(root), state)).sum();
    }
    double best = Double.POSITIVE_INFINITY;
    for (int node : graph.nodes(classes[next])) {
      choice[classes[next]] = node;
      best = Math.min(best, leastCost(classes, next + 1));
    }
    return best;
  }

  /// The cost of what a class adds to the classes done (state 2); infinite if it meets one that is
  /// still open (state 1).
  private double visit(int id, int[] state) {
    if (state[id] > 0) {
      return state[id] == 2 ? 0 : Double.POSITIVE_INFINITY;
    }
    state[id] = 1;
    double cost = costs[choice[id]];
    for (int i = 0; i < graph.kidCount(choice[id]); i++) {
      cost += visit(graph.kid(choice[id], i), state);
    }
    state[id] = 2;
    return cost;
  }
}
