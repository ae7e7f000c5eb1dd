package io.griffinfly.suites.stats;

import java.util.Arrays;

/// Whether an iteration's time has settled.
public final class Pace {
  private static final int WINDOW = 10;
  private static final double TOLERANCE = 0.01;

  private Pace() {}

  /// Compares the last ten iterations with the ten before them.
  ///
  /// @param nanos all iterations so far
  /// @return whether there are twenty, and the two medians differ by at most 1 %
  public static boolean isSteady(double[] nanos) {
    int count = nanos.length;
    if (count < 2 * WINDOW) {
      return false;
    }
    double before = Quantiles.median(Arrays.copyOfRange(nanos, count - 2 * WINDOW, count - WINDOW));
    double now = Quantiles.median(Arrays.copyOfRange(nanos, count - WINDOW, count));
    return Math.abs(now / before - 1) <= TOLERANCE;
  }
}
