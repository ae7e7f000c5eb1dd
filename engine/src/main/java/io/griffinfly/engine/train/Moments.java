package io.griffinfly.engine.train;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;

/// What Adam and AdamW share: running averages of the gradient and of its square, which start at
/// zero, and what corrects them for that.
///
/// The correction 1 − βᵗ is kept as a running average of ones, 1 − βᵗ = β·(1 − βᵗ⁻¹) + (1 − β), and
/// not computed from a count of steps: in single precision β₂ᵗ = 0.999 loses four digits of 1 − β₂ᵗ
/// = 0.001 on the first step, the average loses none.
///
/// @param rate the learning rate, a scalar
/// @param correction1 1 − β₁ᵗ, a scalar
/// @param correction2 1 − β₂ᵗ, a scalar
/// @param beta1 decay of the first moment
/// @param beta2 decay of the second moment
/// @param epsilon what keeps the quotient finite
record Moments(
    Node rate, Node correction1, Node correction2, double beta1, double beta2, double epsilon) {
  static Moments of(GraphBuilder g, double rate, double beta1, double beta2, double epsilon) {
    return new Moments(
        Update.scalar(g, Optimizer.LEARNING_RATE, rate),
        correction(g, "optimizer.correction1", beta1),
        correction(g, "optimizer.correction2", beta2),
        beta1,
        beta2,
        epsilon);
  }

  private static Node correction(GraphBuilder g, String name, double beta) {
    Node before = Update.scalar(g, name, 0);
    Node after = average(g, before, g.constant(before.dtype(), 1), beta);
    g.assign(before, after);
    return after;
  }

  /// β·before + (1 − β)·x.
  private static Node average(GraphBuilder g, Node before, Node x, double beta) {
    return g.add(g.scale(before, beta), g.scale(x, 1 - beta));
  }

  /// w − rate·m̂/(√v̂ + ε).
  Node next(Update update) {
    GraphBuilder g = update.g();
    Node x = update.gradient();
    Node first = update.running("moment1", m -> average(g, m, x, beta1));
    Node second = update.running("moment2", v -> average(g, v, g.mul(x, x), beta2));
    Node unbiased = g.div(second, g.cast(correction2, second.dtype()));
    Node divisor = g.add(g.map(ScalarFn.SQRT, unbiased), g.constant(second.dtype(), epsilon));
    return update.minus(g.div(rate, correction1), g.div(first, divisor));
  }
}
