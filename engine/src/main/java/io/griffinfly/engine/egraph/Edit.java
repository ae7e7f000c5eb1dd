package io.griffinfly.engine.egraph;

import java.util.List;

/// What an applier may do to the e-graph: add nodes at once, and ask for unions and bundles, which
/// wait until all appliers of the iteration have run, so that none of them sees half of another's.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
public final class Edit<H, D> {
  private final EGraph<H, D> graph;
  private final IntList lefts = new IntList();
  private final IntList rights = new IntList();
  private final IntList rules = new IntList();
  private String rule = "";
  private int ruleIndex;

  Edit(EGraph<H, D> graph) {
    this.graph = graph;
  }

  void begin(String name, int index) {
    rule = name;
    ruleIndex = index;
    graph.setOrigin(name);
  }

  /// The e-graph, to read.
  ///
  /// @return the e-graph
  public EGraph<H, D> graph() {
    return graph;
  }

  /// Adds a node, or finds the equal one.
  ///
  /// @param op the operator
  /// @param kids classes of the operands
  /// @return the id of the node, which also names its class
  public int add(H op, int... kids) {
    return graph.add(op, kids);
  }

  /// Declares two classes equal.
  ///
  /// @param left an id in one
  /// @param right an id in the other
  public void equate(int left, int right) {
    lefts.add(left);
    rights.add(right);
    rules.add(ruleIndex);
  }

  /// Asks the extractor to try these choices together.
  ///
  /// @param choices classes and the nodes that should stand for them
  public void bundle(List<Choice> choices) {
    graph.addBundle(new Bundle(rule, choices));
  }

  int equations() {
    return lefts.size();
  }

  int left(int index) {
    return lefts.get(index);
  }

  int right(int index) {
    return rights.get(index);
  }

  int ruleIndex(int index) {
    return rules.get(index);
  }
}
