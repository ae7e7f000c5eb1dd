package io.griffinfly.engine.run;

import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.Graph;

/// Turns a graph with a loss into the graph of one training step. Optimizers are such; the compiler
/// calls it after it has recognized the composite operations, whose gradients are better than those
/// of their parts.
@FunctionalInterface
public interface StepBuilder {
  /// Adds the backward pass and the effects of one step.
  ///
  /// @param forward a graph with a loss
  /// @param seed where the backward pass begins, so that the compiler can tell gradients from other
  ///   values if they need care of their own
  /// @return the same graph with what a step adds
  Graph step(Graph forward, Seed seed);
}
