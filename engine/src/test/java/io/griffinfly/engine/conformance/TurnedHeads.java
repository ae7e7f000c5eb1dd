package io.griffinfly.engine.conformance;

import io.griffinfly.engine.ref.Value;

/// What a rotary embedding makes of a matrix whose first columns are heads, in double precision.
final class TurnedHeads {
  private TurnedHeads() {}

  /// The matrix with its first columns turned.
  ///
  /// @param matrix `[m, n]`, rows of one sequence after another
  /// @param cos `[positions, headSize/2]`
  /// @param sin likewise
  /// @param turned columns that are turned
  /// @param inverse whether sines change their sign
  static Value.Array of(
      Value.Array matrix, Value.Array cos, Value.Array sin, int turned, boolean inverse) {
    int m = matrix.type().shape().dim(0);
    int n = matrix.type().shape().dim(1);
    int positions = cos.type().shape().dim(0);
    int half = cos.type().shape().dim(1);
    double[] data = matrix.data().clone();
    for (int row = 0; row < m; row++) {
      for (int column = 0; column < turned; column++) {
        int at = row % positions * half + column % half;
        boolean first = column % (2 * half) < half;
        double other = matrix.get(row * n + column + (first ? half : -half));
        double sine = sin.get(at) * (first == inverse ? 1 : -1);
        data[row * n + column] = matrix.get(row * n + column) * cos.get(at) + other * sine;
      }
    }
    return Value.Array.of(matrix.type(), data);
  }
}
