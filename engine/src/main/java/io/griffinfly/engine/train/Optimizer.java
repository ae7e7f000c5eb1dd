package io.griffinfly.engine.train;

import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.run.StepBuilder;
import java.util.SequencedMap;

/// A rule by which parameters follow their gradients.
public interface Optimizer extends StepBuilder {
  /// The name of the state that holds the learning rate, an F32 scalar; whoever follows a schedule
  /// sets it between steps.
  String LEARNING_RATE = "optimizer.learning_rate";

  /// Adds the update of every parameter to the graph.
  ///
  /// @param g the builder, which takes the nodes, states and assignments
  /// @param gradients for each parameter's state node the gradient of the loss
  void update(GraphBuilder g, SequencedMap<Node, Node> gradients);

  /// The graph of one training step.
  ///
  /// @param forward a graph with a loss
  /// @param seed where the backward pass begins
  /// @return the same graph with its backward pass and this rule's updates
  @Override
  default Graph step(Graph forward, Seed seed) {
    return TrainingGraph.of(forward, this, seed);
  }
}
