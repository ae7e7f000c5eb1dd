package io.griffinfly.engine.train;

import io.griffinfly.engine.grad.Backprop;
import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import java.util.List;
import java.util.SequencedMap;

/// Makes a graph that trains out of one that only knows its loss.
public final class TrainingGraph {
  /// The name of the output that holds the loss.
  public static final String LOSS = "loss";

  /// What a gradient's output is named after, before the parameter's own name.
  public static final String GRADIENT_PREFIX = "grad.";

  private TrainingGraph() {}

  /// As [#of(Graph, Optimizer, Seed)] with a constant.
  ///
  /// @param forward a graph with a loss
  /// @param optimizer the rule of the update
  /// @return the graph
  public static Graph of(Graph forward, Optimizer optimizer) {
    return of(forward, optimizer, Seed.CONSTANT);
  }

  /// Adds gradients and the update of every parameter. A parameter that the loss does not depend on
  /// has gradient zero; PyTorch would skip it, here weight decay still shrinks it.
  ///
  /// @param forward a graph with a loss
  /// @param optimizer the rule of the update
  /// @param seed where the backward pass begins
  /// @return the graph with its outputs and effects, the loss as an output, and an assignment for
  ///   every parameter
  /// @throws GraphException if there is no loss or no parameter, or a parameter is assigned already
  public static Graph of(Graph forward, Optimizer optimizer, Seed seed) {
    GraphBuilder g = GraphBuilder.of(forward);
    Node loss = lossOutput(g, forward);
    optimizer.update(g, gradients(g, forward, loss, seed));
    return g.build(loss);
  }

  /// As [#gradients(Graph, Seed)] with a constant.
  ///
  /// @param forward a graph with a loss
  /// @return the graph
  public static Graph gradients(Graph forward) {
    return gradients(forward, Seed.CONSTANT);
  }

  /// Adds the gradient of every parameter as an output, and updates nothing.
  ///
  /// @param forward a graph with a loss
  /// @param seed where the backward pass begins
  /// @return the graph with its outputs and effects, the loss as an output, and an output
  ///   `grad.<name>` for every parameter
  /// @throws GraphException if there is no loss or no parameter
  public static Graph gradients(Graph forward, Seed seed) {
    GraphBuilder g = GraphBuilder.of(forward);
    Node loss = lossOutput(g, forward);
    gradients(g, forward, loss, seed)
        .forEach((parameter, gradient) -> {
          if (parameter.op() instanceof Leaf.State(String name, _, _, _)) {
            g.output(GRADIENT_PREFIX + name, gradient);
          }
        });
    return g.build(loss);
  }

  private static Node lossOutput(GraphBuilder g, Graph forward) {
    Node loss = forward.loss();
    if (loss == null) {
      throw new GraphException("the graph has no loss to train for: finish it with build(loss)");
    }
    return loss.equals(forward.outputs().get(LOSS)) ? loss : g.output(LOSS, loss);
  }

  private static SequencedMap<Node, Node> gradients(
      GraphBuilder g, Graph forward, Node loss, Seed seed) {
    List<Node> parameters =
        forward.states().stream()
            .filter(node ->
                node.op() instanceof Leaf.State(_, _, Leaf.Role role, _)
                    && role == Leaf.Role.PARAMETER)
            .toList();
    if (parameters.isEmpty()) {
      throw new GraphException("the graph has no parameter to train");
    }
    return Backprop.gradients(g, loss, parameters, seed);
  }
}
