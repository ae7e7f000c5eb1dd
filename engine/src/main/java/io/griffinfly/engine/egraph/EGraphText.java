package io.griffinfly.engine.egraph;

/// E-graphs as text, for debugging and bug reports: one line a class, named by its lowest live
/// node.
///
/// ```
/// c7 : F32[2,3]
///   #7 Add(c1, c6)
///   #12 FusedAdd(c1, c2, c3) by add-into-matmul
/// ```
public final class EGraphText {
  private EGraphText() {}

  /// The whole e-graph.
  ///
  /// @param graph an e-graph, rebuilt
  /// @return its classes in ascending order of their lowest node, with data, nodes and origins
  public static String of(EGraph<?, ?> graph) {
    StringBuilder text = new StringBuilder();
    for (int id = 0; id < graph.nodeCount(); id++) {
      if (graph.lowest(id) == id) {
        text.append('c').append(id).append(" : ").append(graph.data(id)).append('\n');
        for (int node : graph.nodes(id)) {
          text.append("  #").append(node).append(' ').append(node(graph, node));
          String origin = graph.origin(node);
          text.append(origin.equals("input") ? "\n" : " by " + origin + "\n");
        }
      }
    }
    return text.toString();
  }

  /// One node with its child classes.
  ///
  /// @param graph the e-graph
  /// @param node a node
  /// @return such as `Add(c1, c6)`
  public static String node(EGraph<?, ?> graph, int node) {
    return term(graph, node, 1);
  }

  /// The term of a node to a depth, through the lowest nodes of its child classes.
  ///
  /// @param graph the e-graph
  /// @param node a node
  /// @param depth how many levels of operators to print; classes below are printed by name
  /// @return such as `Add(Input[name=x], MatMul(c1, c2))`
  public static String term(EGraph<?, ?> graph, int node, int depth) {
    StringBuilder text = new StringBuilder();
    append(graph, node, depth, text);
    return text.toString();
  }

  private static void append(EGraph<?, ?> graph, int node, int depth, StringBuilder text) {
    text.append(graph.op(node));
    for (int i = 0; i < graph.kidCount(node); i++) {
      text.append(i == 0 ? "(" : ", ");
      int kid = graph.lowest(graph.kid(node, i));
      if (depth > 1) {
        append(graph, kid, depth - 1, text);
      } else {
        text.append('c').append(kid);
      }
    }
    text.append(graph.kidCount(node) > 0 ? ")" : "");
  }
}
