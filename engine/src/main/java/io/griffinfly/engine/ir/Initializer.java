package io.griffinfly.engine.ir;

/// How a state gets its first value. Random values depend on the seed of the store and on the name
/// of the state only, so they do not change with the order in which states are made.
public sealed interface Initializer {
  /// Every element the same.
  ///
  /// @param value the value
  record Fill(double value) implements Initializer {}

  /// Uniform between two bounds.
  ///
  /// @param low lower bound, inclusive
  /// @param high upper bound, exclusive
  record Uniform(double low, double high) implements Initializer {}

  /// Normal around zero.
  ///
  /// @param standardDeviation the standard deviation
  record Normal(double standardDeviation) implements Initializer {}

  /// Zeros.
  ///
  /// @return the initializer
  static Initializer zeros() {
    return new Fill(0);
  }

  /// Ones.
  ///
  /// @return the initializer
  static Initializer ones() {
    return new Fill(1);
  }

  /// The default of a linear layer's weight and bias: uniform within ±1/√fanIn, as PyTorch's
  /// `Linear` draws them (He et al. 2015 with a = √5).
  ///
  /// @param fanIn number of inputs of one output
  /// @return the initializer
  static Initializer fanIn(int fanIn) {
    double bound = 1 / Math.sqrt(fanIn);
    return new Uniform(-bound, bound);
  }
}
