package io.griffinfly.engine.ir;

/// Losses with a numerically stable form of their own.
public sealed interface Loss extends Op {
  /// Mean over positions of −log softmax(logits) at the label. Inputs: logits `[.., classes]`,
  /// integer labels `[..]`. Yields the mean, a scalar, and the logarithm of each position's softmax
  /// denominator `[..]`. Positions with the ignored label do not count; if all are ignored the mean
  /// is NaN, as in PyTorch.
  ///
  /// @param ignoreIndex the label that is ignored
  record CrossEntropy(long ignoreIndex) implements Loss {}

  /// The gradient of [CrossEntropy]. Inputs: logits, labels, the log-denominators and the gradient
  /// of the mean, a scalar; yields the gradient of the logits.
  ///
  /// @param ignoreIndex the label that is ignored
  record CrossEntropyGrad(long ignoreIndex) implements Loss {}
}
