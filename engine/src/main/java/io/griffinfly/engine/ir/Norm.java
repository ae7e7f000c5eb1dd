package io.griffinfly.engine.ir;

/// Normalizations over the last axis, found by the optimizer in their primitive form.
public sealed interface Norm extends Op {
  /// x · rsqrt(mean(x²) + ε) · w over the last axis (Zhang and Sennrich 2019). Inputs: x `[.., n]`,
  /// w `[n]`.
  ///
  /// @param epsilon the ε
  record RmsNorm(double epsilon) implements Norm {}

  /// The gradient of [RmsNorm]. Inputs: x, w and the gradient of the result; yields the gradients
  /// of x and of w.
  ///
  /// @param epsilon the ε
  record RmsNormGrad(double epsilon) implements Norm {}
}
