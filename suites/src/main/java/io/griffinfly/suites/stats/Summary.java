package io.griffinfly.suites.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one metric of one framework came to, over all its processes.
///
/// @param value the median over processes of each process's median
/// @param interval where that median lies
/// @param processes number of processes
/// @param samples number of samples in all of them
/// @param min the least sample
/// @param p90 the 90th percentile of all samples; null with fewer than 100, as fewer than 10 would
///   lie beyond it
/// @param madRelative scaled median absolute deviation of the samples within their processes,
///   relative
/// @param outliers far-off samples within their processes
/// @param flags `noisy`: relative deviation above 3 % or more than 5 % severe outliers
public record Summary(
    double value,
    Interval interval,
    int processes,
    int samples,
    double min,
    @Nullable Double p90,
    double madRelative,
    Outliers outliers,
    List<String> flags) {
  private static final double NOISY_DEVIATION = 0.03;
  private static final double NOISY_SHARE = 0.05;

  /// Copies the flags.
  public Summary {
    flags = List.copyOf(flags);
  }

  /// Summarises the samples of several processes.
  ///
  /// @param processes samples of each process, none negative, at least one of each
  /// @return the summary
  public static Summary of(List<double[]> processes) {
    double[] medians = processes.stream().mapToDouble(Quantiles::median).toArray();
    double[] all = processes.stream().flatMapToDouble(Arrays::stream).toArray();
    double madRelative = 0;
    int mild = 0;
    int severe = 0;
    for (double[] samples : processes) {
      double deviation = Quantiles.scaledMad(samples);
      if (deviation > 0) {
        madRelative = Math.max(madRelative, deviation / Quantiles.median(samples));
      }
      Outliers outliers = Outliers.count(samples);
      mild += outliers.mild();
      severe += outliers.severe();
    }
    List<String> flags = new ArrayList<>();
    if (madRelative > NOISY_DEVIATION || severe > NOISY_SHARE * all.length) {
      flags.add("noisy");
    }
    return new Summary(
        center(medians),
        Interval.ofMedian(medians),
        processes.size(),
        all.length,
        Arrays.stream(all).min().orElseThrow(),
        all.length >= 100 ? (Double) Quantiles.of(all, 0.9) : null,
        madRelative,
        new Outliers(mild, severe),
        flags);
  }

  /// The median in the logarithm: between two values that is their geometric mean, so that ratios
  /// of centers do not depend on which side is the denominator. Among values that reach zero (an
  /// interpreter compiles in no time) it is the plain median.
  ///
  /// @param values none negative
  /// @return the center
  static double center(double[] values) {
    return Arrays.stream(values).allMatch(value -> value > 0)
        ? Math.exp(Quantiles.median(Arrays.stream(values).map(Math::log).toArray()))
        : Quantiles.median(values);
  }
}
