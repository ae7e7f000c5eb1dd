package io.griffinfly.suites.stats;

import java.util.Arrays;

/// Quantiles by linear interpolation of order statistics: type 7 of Hyndman and Fan, "Sample
/// quantiles in statistical packages", The American Statistician 50 (1996).
public final class Quantiles {
  private Quantiles() {}

  /// A quantile.
  ///
  /// @param values at least one, in any order, none of them NaN
  /// @param probability 0 for the least, 0.5 for the median, 1 for the greatest
  /// @return the quantile
  public static double of(double[] values, double probability) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a quantile of nothing");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double position = (sorted.length - 1) * probability;
    int below = (int) position;
    double fraction = position - below;
    return fraction == 0
        ? sorted[below]
        : sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
  }

  /// The median.
  ///
  /// @param values at least one
  /// @return the middle
  public static double median(double[] values) {
    return of(values, 0.5);
  }

  /// The median distance from the median, times 1.4826: estimates the standard deviation of a
  /// normal sample and ignores outliers.
  ///
  /// @param values at least one
  /// @return the scaled median absolute deviation
  public static double scaledMad(double[] values) {
    double middle = median(values);
    double[] distances = Arrays.stream(values).map(value -> Math.abs(value - middle)).toArray();
    return 1.4826 * median(distances);
  }
}
