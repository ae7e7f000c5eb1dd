package io.griffinfly.suites.stats;

import java.util.Arrays;

/// Where a median lies.
///
/// @param low lower end
/// @param high upper end
/// @param method how the ends were found
public record Interval(double low, double high, Method method) {
  /// How the ends were found.
  public enum Method {
    /// Exact confidence interval, at least 95 %, between two order statistics.
    ORDER_STAT,
    /// Least and greatest: too few processes for an interval. Not a confidence statement.
    RANGE
  }

  private static final double CONFIDENCE = 0.95;

  /// The interval for the median of a continuous distribution from independent values: the r-th
  /// least and the r-th greatest, with the greatest r for which 1 - 2 P(Bin(n, 1/2) < r) is at
  /// least 95 % (the sign test turned round; Conover, "Practical Nonparametric Statistics", 3.2).
  /// With fewer than 6 values no r will do and the range is returned.
  ///
  /// @param values at least one
  /// @return the interval
  public static Interval ofMedian(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int rank = rank(sorted.length);
    return rank == 0
        ? new Interval(sorted[0], sorted[sorted.length - 1], Method.RANGE)
        : new Interval(sorted[rank - 1], sorted[sorted.length - rank], Method.ORDER_STAT);
  }

  /// The rank of the ends.
  ///
  /// @param count how many values there are
  /// @return r, counted from 1; 0 if no interval of 95 % exists
  static int rank(int count) {
    int rank = 0;
    double tail = 0;
    double term = Math.pow(0.5, count);
    for (int below = 0; below < count / 2; below++) {
      tail += term;
      if (1 - 2 * tail < CONFIDENCE) {
        break;
      }
      rank = below + 1;
      term = term * (count - below) / (below + 1);
    }
    return rank;
  }

  /// Whether a value lies inside.
  ///
  /// @param value a value
  /// @return whether low <= value <= high
  public boolean covers(double value) {
    return low <= value && value <= high;
  }
}
