package io.griffinfly.engine.egraph;

/// How far the two sides of a rule agree in floating point.
public enum Exactness {
  /// Class A: the same bits.
  EXACT,
  /// Class B: equal in real numbers, different only by rounding and the order of sums.
  ROUNDING,
  /// Class C: an approximation that the user must ask for.
  APPROXIMATE
}
