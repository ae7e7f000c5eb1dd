package io.griffinfly.engine.train;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import java.util.SequencedMap;

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019) as PyTorch's `AdamW` defines it: w
/// ← w·(1 − rate·weightDecay), then a step of [Adam] whose gradient knows nothing of the decay.
///
/// @param learningRate the rate at first; the state [Optimizer#LEARNING_RATE] holds it from then on
/// @param beta1 decay of the first moment
/// @param beta2 decay of the second moment
/// @param epsilon what keeps the quotient finite
/// @param weightDecay what the rate takes from a parameter
public record AdamW(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {
  /// AdamW with PyTorch's defaults: β 0.9 and 0.999, ε 1e-8, weight decay 0.01.
  ///
  /// @param learningRate the rate
  /// @return the optimizer
  public static AdamW of(double learningRate) {
    return new AdamW(learningRate, 0.9, 0.999, 1e-8, 0.01);
  }

  @Override
  public void update(GraphBuilder g, SequencedMap<Node, Node> gradients) {
    Moments moments = Moments.of(g, learningRate, beta1, beta2, epsilon);
    Node decay = g.scale(moments.rate(), weightDecay);
    Update.forEach(
        g,
        gradients,
        update ->
            moments.next(
                new Update(
                    g,
                    update.state(),
                    update.minus(decay, update.parameter()),
                    update.gradient())));
  }
}
