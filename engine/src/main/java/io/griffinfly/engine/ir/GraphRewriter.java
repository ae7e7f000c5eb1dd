package io.griffinfly.engine.ir;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Rebuilds a graph node by node, so that some nodes can be replaced from outside: a pass that
/// changes a single kind of operation, or a fault that a test plants on purpose.
public final class GraphRewriter {
  private GraphRewriter() {}

  /// What becomes of a node.
  @FunctionalInterface
  public interface Step {
    /// Puts a node into the new graph, or something else in its place.
    ///
    /// @param builder the new graph
    /// @param node the node of the old graph
    /// @param inputs what became of its operands
    /// @return the node of the new graph that its users will use
    Node rebuild(GraphBuilder builder, Node node, List<Node> inputs);
  }

  /// The step that changes nothing.
  ///
  /// @param builder the new graph
  /// @param node the node of the old graph
  /// @param inputs what became of its operands
  /// @return the same operation in the new graph
  public static Node copy(GraphBuilder builder, Node node, List<Node> inputs) {
    return builder.add(node.op(), inputs);
  }

  /// Rebuilds a graph. Outputs, effects and the loss follow their nodes.
  ///
  /// @param graph the graph
  /// @param step what becomes of each node, called with operands before their users
  /// @return the new graph
  /// @throws GraphException if what a step makes does not fit
  public static Graph rewrite(Graph graph, Step step) {
    GraphBuilder builder = new GraphBuilder();
    Map<Node, Node> rebuilt = new HashMap<>();
    for (Node node : graph.nodes()) {
      List<Node> inputs = node.inputs().stream().map(input -> made(rebuilt, input)).toList();
      rebuilt.put(node, step.rebuild(builder, node, inputs));
    }
    graph.outputs().forEach((name, node) -> builder.output(name, made(rebuilt, node)));
    for (Assign assign : graph.assigns()) {
      builder.assign(made(rebuilt, assign.state()), made(rebuilt, assign.value()));
    }
    Node loss = graph.loss();
    return loss == null ? builder.build() : builder.build(made(rebuilt, loss));
  }

  private static Node made(Map<Node, Node> rebuilt, Node node) {
    Node made = rebuilt.get(node);
    if (made == null) {
      throw new GraphException(node + " is used before it is made");
    }
    return made;
  }
}
