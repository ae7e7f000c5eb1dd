package io.griffinfly.suites.stats;

import java.util.stream.IntStream;

/// How many times as long one framework takes as another, from rounds in which both ran: slow
/// changes of the machine cancel within a round.
///
/// @param value the median ratio
/// @param interval where it lies
public record Ratio(double value, Interval interval) {
  /// Compares round by round.
  ///
  /// @param numerators medians of one framework, positive, by round
  /// @param denominators medians of the other in the same rounds
  /// @return the ratio
  public static Ratio of(double[] numerators, double[] denominators) {
    if (numerators.length != denominators.length) {
      throw new IllegalArgumentException(
          numerators.length + " rounds beside " + denominators.length);
    }
    double[] logarithms =
        IntStream.range(0, numerators.length)
            .mapToDouble(k -> Math.log(numerators[k]) - Math.log(denominators[k]))
            .toArray();
    Interval interval = Interval.ofMedian(logarithms);
    return new Ratio(
        Math.exp(Quantiles.median(logarithms)),
        new Interval(Math.exp(interval.low()), Math.exp(interval.high()), interval.method()));
  }

  /// Whether the two cannot be told apart. Only a confidence interval can say so.
  ///
  /// @return whether the interval is one and covers 1
  public boolean tied() {
    return interval.method() == Interval.Method.ORDER_STAT && interval.covers(1);
  }
}
