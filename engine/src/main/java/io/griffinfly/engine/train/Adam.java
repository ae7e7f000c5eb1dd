package io.griffinfly.engine.train;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import java.util.SequencedMap;

/// Adam (Kingma and Ba 2015) as PyTorch's `Adam` defines it: with g plus weightDecay·w for the
/// gradient, m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², and w ← w − rate·m/(1 − β₁ᵗ)/(√(v/(1 −
/// β₂ᵗ)) + ε).
///
/// @param learningRate the rate at first; the state [Optimizer#LEARNING_RATE] holds it from then on
/// @param beta1 decay of the first moment
/// @param beta2 decay of the second moment
/// @param epsilon what keeps the quotient finite
/// @param weightDecay factor of the L2 penalty's gradient
public record Adam(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {
  /// Adam with PyTorch's defaults: β 0.9 and 0.999, ε 1e-8, no weight decay.
  ///
  /// @param learningRate the rate
  /// @return the optimizer
  public static Adam of(double learningRate) {
    return new Adam(learningRate, 0.9, 0.999, 1e-8, 0);
  }

  @Override
  public void update(GraphBuilder g, SequencedMap<Node, Node> gradients) {
    Moments moments = Moments.of(g, learningRate, beta1, beta2, epsilon);
    Update.forEach(g, gradients, update -> moments.next(update.decayed(weightDecay)));
  }
}
