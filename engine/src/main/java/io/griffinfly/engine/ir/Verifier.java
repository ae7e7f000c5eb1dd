package io.griffinfly.engine.ir;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Checks a finished graph; run between the stages of the compiler, so that a broken stage is named
/// by the first check after it.
public final class Verifier {
  private Verifier() {}

  /// Checks order, types, names and effects.
  ///
  /// @param graph the graph
  /// @param stage what made it, for the message
  /// @return the graph
  /// @throws GraphException naming the stage and the first node that is wrong
  public static Graph verify(Graph graph, String stage) {
    Set<Node> seen = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (Node node : graph.nodes()) {
      require(seen.containsAll(node.inputs()), stage, node, "is used before it is made");
      require(seen.add(node), stage, node, "stands twice");
      ValueType type =
          ShapeRules.infer(node.op(), node.inputs().stream().map(Node::valueType).toList());
      require(type.equals(node.valueType()), stage, node, "has type " + node.valueType());
      switch (node.op()) {
        case Leaf.Input(String name, _) ->
            require(names.add("input " + name), stage, node, "repeats a name");
        case Leaf.State(String name, _, _, _) ->
            require(names.add("state " + name), stage, node, "repeats a name");
        default -> {}
      }
    }
    for (Node root : graph.roots()) {
      require(seen.contains(root), stage, root, "is a root but not in the graph");
    }
    List<Node> assigned = graph.assigns().stream().map(Assign::state).toList();
    require(
        assigned.size() == new HashSet<>(assigned).size() && seen.containsAll(assigned),
        stage,
        assigned.isEmpty() ? graph.nodes().getFirst() : assigned.getFirst(),
        "is assigned twice or is not in the graph");
    return graph;
  }

  private static void require(boolean condition, String stage, Node node, String what) {
    if (!condition) {
      throw new GraphException("after " + stage + ": " + node + " = " + node.op() + " " + what);
    }
  }
}
