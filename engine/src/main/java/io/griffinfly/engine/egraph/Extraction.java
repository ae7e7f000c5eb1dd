package io.griffinfly.engine.egraph;

import java.util.Arrays;

/// The nodes an [Extractor] chose: one for each class that the roots need, acyclic.
public final class Extraction {
  private final int[] choices;
  private final int[] order;
  private final Costs costs;

  Extraction(int[] choices, int[] order, Costs costs) {
    this.choices = choices;
    this.order = order;
    this.costs = costs;
  }

  /// What the terms cost, each class counted once however often it is used, and what improved it.
  ///
  /// @param input cost of the term of oldest nodes, the graph as it was given; infinite if it has a
  ///   forbidden node
  /// @param start cost of the first choice, before any move
  /// @param result cost of the chosen term, summed anew
  /// @param incremental the same cost as the sum of the start and all moves
  /// @param singleMoves accepted moves of one class
  /// @param bundleMoves accepted moves of registered bundles
  /// @param jointMoves accepted moves of all users of one class
  public record Costs(
      double input,
      double start,
      double result,
      double incremental,
      int singleMoves,
      int bundleMoves,
      int jointMoves) {}

  /// The node chosen for a class.
  ///
  /// @param id an id in a class that the roots need
  /// @return the node
  /// @throws EGraphException if the class is not part of the term
  public int node(int id) {
    if (choices[id] == EGraph.NONE) {
      throw new EGraphException("class " + id + " is not part of the extracted term");
    }
    return choices[id];
  }

  /// Whether the term contains a class.
  ///
  /// @param id an id in the class
  /// @return true if a root needs it
  public boolean contains(int id) {
    return choices[id] != EGraph.NONE;
  }

  /// The chosen nodes, children before parents.
  ///
  /// @return node ids, in a new array
  public int[] order() {
    return Arrays.copyOf(order, order.length);
  }

  /// Costs and moves.
  ///
  /// @return the figures
  public Costs costs() {
    return costs;
  }
}
