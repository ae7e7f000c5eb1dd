package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.TensorType;
import java.util.HashSet;
import java.util.Set;

/// The gradient of the loss itself, 1, where a backward pass begins.
public enum Seed {
  /// A constant, which folds into whatever reads it.
  CONSTANT,
  /// A state of value 1. No rewriting can fold a state away, so that the gradients of a graph are
  /// still known when nothing else is left of how it was built: they are what depends on this.
  STATE;

  /// The name of the state.
  public static final String NAME = "loss_gradient";

  /// Adds it to a graph.
  ///
  /// @param g the builder of the graph
  /// @param loss a floating-point scalar
  /// @return the gradient of the loss with respect to itself
  public Node of(GraphBuilder g, Node loss) {
    TensorType type = TensorType.of(loss.dtype());
    return switch (this) {
      case CONSTANT -> g.constant(loss.dtype(), 1);
      case STATE -> g.state(new Leaf.State(NAME, type, Leaf.Role.OPTIMIZER, Initializer.ones()));
    };
  }

  /// The values of a graph that depend on the state.
  ///
  /// @param graph the graph
  /// @return its gradients and what is made of them; nothing if its seed is a constant
  public static Set<Node> gradients(Graph graph) {
    Set<Node> gradients = new HashSet<>();
    for (Node node : graph.nodes()) {
      boolean seed = node.op() instanceof Leaf.State(String name, _, _, _) && name.equals(NAME);
      if (seed || node.inputs().stream().anyMatch(gradients::contains)) {
        gradients.add(node);
      }
    }
    return gradients;
  }
}
