package io.griffinfly.engine.train;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import java.util.SequencedMap;

/// Stochastic gradient descent as PyTorch's `SGD` defines it, without dampening: the gradient plus
/// weightDecay·w enters a velocity v ← momentum·v + g, and w ← w − rate·v; with Nesterov's momentum
/// w ← w − rate·(g + momentum·v) (Sutskever et al. 2013).
///
/// @param learningRate the rate at first; the state [Optimizer#LEARNING_RATE] holds it from then on
/// @param momentum decay of the velocity, 0 for none and no state
/// @param nesterov whether the step looks ahead
/// @param weightDecay factor of the L2 penalty's gradient
public record Sgd(double learningRate, double momentum, boolean nesterov, double weightDecay)
    implements Optimizer {
  /// Checks the combination.
  public Sgd {
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("Nesterov's momentum needs a momentum above 0");
    }
  }

  /// Plain gradient descent.
  ///
  /// @param learningRate the rate
  /// @return the optimizer
  public static Sgd of(double learningRate) {
    return new Sgd(learningRate, 0, false, 0);
  }

  /// With a velocity.
  ///
  /// @param value its decay, such as 0.9
  /// @return the optimizer
  public Sgd withMomentum(double value) {
    return new Sgd(learningRate, value, nesterov, weightDecay);
  }

  /// With Nesterov's momentum.
  ///
  /// @param value decay of the velocity, such as 0.9
  /// @return the optimizer
  public Sgd withNesterov(double value) {
    return new Sgd(learningRate, value, true, weightDecay);
  }

  /// With L2 regularization.
  ///
  /// @param value its factor, such as 1e-4
  /// @return the optimizer
  public Sgd withWeightDecay(double value) {
    return new Sgd(learningRate, momentum, nesterov, value);
  }

  @Override
  public void update(GraphBuilder g, SequencedMap<Node, Node> gradients) {
    Node rate = Update.scalar(g, LEARNING_RATE, learningRate);
    Update.forEach(g, gradients, update -> next(update.decayed(weightDecay), rate));
  }

  private Node next(Update update, Node rate) {
    if (momentum == 0) {
      return update.minus(rate, update.gradient());
    }
    GraphBuilder g = update.g();
    Node velocity = update.running("velocity", v -> g.add(g.scale(v, momentum), update.gradient()));
    return update.minus(
        rate, nesterov ? g.add(update.gradient(), g.scale(velocity, momentum)) : velocity);
  }
}
