package io.griffinfly.engine.egraph;

/// One place where a pattern matched: the classes its variables and the nodes its named parts are
/// bound to.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
public final class Match<H, D> {
  private final EGraph<H, D> graph;
  private final Slots slots;
  private final int[] values;

  Match(EGraph<H, D> graph, Slots slots, int[] values) {
    this.graph = graph;
    this.slots = slots;
    this.values = values;
  }

  /// The e-graph. Guards and appliers may read it; additions go through [Edit].
  ///
  /// @return the e-graph
  public EGraph<H, D> graph() {
    return graph;
  }

  /// The node that the root of the pattern matched.
  ///
  /// @return the node; as an id, also its class
  public int root() {
    return values[0];
  }

  /// Whether this alternative of the pattern binds a name.
  ///
  /// @param name a name in the pattern
  /// @return false if [#get] would fail
  public boolean has(String name) {
    return values[slots.of(name)] != EGraph.NONE;
  }

  /// The class bound to a variable, or the class of a named node.
  ///
  /// @param name the name in the pattern
  /// @return the canonical class
  public int get(String name) {
    return graph.find(value(slots.of(name), name));
  }

  /// The node bound to a named part.
  ///
  /// @param name the name given by [Pattern.Node#as]
  /// @return the node
  public int node(String name) {
    int slot = slots.of(name);
    if (!slots.isNode(slot)) {
      throw new EGraphException("pattern name " + name + " is a variable, it has no node");
    }
    return value(slot, name);
  }

  /// The operator of a named part.
  ///
  /// @param <T> the operator's record
  /// @param name the name given by [Pattern.Node#as]
  /// @param type its class
  /// @return the operator
  public <T extends H> T op(String name, Class<T> type) {
    return type.cast(graph.op(node(name)));
  }

  /// What the analysis knows about a bound class.
  ///
  /// @param name the name in the pattern
  /// @return the value of the class
  public D data(String name) {
    return graph.data(get(name));
  }

  private int value(int slot, String name) {
    if (values[slot] == EGraph.NONE) {
      throw new EGraphException("this alternative of the pattern does not bind " + name);
    }
    return values[slot];
  }
}
