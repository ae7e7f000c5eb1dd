package io.griffinfly.engine.ir;

/// Attention and its rotary embedding, found by the optimizer in their primitive form.
public sealed interface Attention extends Op {
  /// Rotates the pairs (i, i + d/2) of the last axis (Su et al. 2021, in the half-split form of
  /// GPT-NeoX). Inputs: x `[.., d]`, cos and sin, which broadcast to `[.., d/2]` and have the type
  /// of x or single precision. With halves a and b the result is (a·cos − b·sin, b·cos + a·sin).
  ///
  /// @param inverse whether sin changes its sign, which turns back and is the gradient
  record Rotary(boolean inverse) implements Attention {}

  /// softmax(q·kᵀ·scale + mask)·v for every head (Vaswani et al. 2017). Inputs: q `[b, h, s, d]`, k
  /// `[b, g, t, d]`, v `[b, g, t, e]` with h a multiple of g: each key head serves h/g query heads
  /// (Ainslie et al. 2023). Yields the result `[b, h, s, e]` and the logarithm of each row's
  /// softmax denominator, f32 `[b, h, s]`, which the gradient needs. A query that sees no key
  /// yields zeros and −∞.
  ///
  /// @param scale factor of the scores
  /// @param mask which keys a query sees
  record Attend(double scale, Mask mask) implements Attention {}

  /// The gradient of [Attend]. Inputs: q, k, v, the result, the log-denominators and the gradient
  /// of the result; yields the gradients of q, k and v (Dao 2023), in F32 those of halves, as
  /// products do.
  ///
  /// @param scale factor of the scores
  /// @param mask which keys a query saw
  record AttendGrad(double scale, Mask mask) implements Attention {}

  /// Which keys a query sees.
  enum Mask {
    /// All.
    NONE,
    /// Query i of s sees key j of t when j ≤ i + t − s.
    CAUSAL
  }
}
