package io.griffinfly.suites.stats;

/// Counts of far-off samples by Tukey's fences: beyond 1.5 interquartile ranges from the quartiles,
/// and beyond 3. They are counted and kept; dropping them would hide what users meet.
///
/// @param mild beyond the inner fence, not the outer
/// @param severe beyond the outer fence
public record Outliers(int mild, int severe) {
  /// Counts them.
  ///
  /// @param values at least one
  /// @return the counts
  public static Outliers count(double[] values) {
    double lower = Quantiles.of(values, 0.25);
    double upper = Quantiles.of(values, 0.75);
    double range = upper - lower;
    int mild = 0;
    int severe = 0;
    for (double value : values) {
      double beyond = Math.max(lower - value, value - upper);
      if (beyond > 3 * range) {
        severe++;
      } else if (beyond > 1.5 * range) {
        mild++;
      }
    }
    return new Outliers(mild, severe);
  }
}
