package io.griffinfly.engine.run;

import io.griffinfly.engine.ir.Graph;

/// Turns a graph with a loss into the graph of one training step. Optimizers are such; the compiler
/// calls it after it has recognized the composite operations, whose gradients are better than those
/// of their parts.
@FunctionalInterface
public interface StepBuilder {
  /// Adds the backward pass and the effects of one step.
  ///
  /// @param forward a graph with a loss
  /// @param lossScale a power of two by which gradients are larger on their way back than they are
  ///   in the end, so that the small ones survive being rounded to halves (Micikevicius et al.
  ///   2018); 1 in single precision
  /// @return the same graph with what a step adds
  Graph step(Graph forward, double lossScale);
}
