package io.griffinfly.suites.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.griffinfly.suites.adapter.SamplingPlan;

/// How much a run measures.
public enum Profile {
  /// A first look: three processes, median with least and greatest, marked provisional.
  @JsonProperty("quick")
  QUICK(3, 2),
  /// Six processes, warmed to a steady pace, with an exact interval.
  @JsonProperty("standard")
  STANDARD(6, 3);

  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  private final int rounds;
  private final int coldCompiles;

  Profile(int rounds, int coldCompiles) {
    this.rounds = rounds;
    this.coldCompiles = coldCompiles;
  }

  /// Timed processes of each framework.
  ///
  /// @return the number of rounds
  public int rounds() {
    return rounds;
  }

  /// Processes that start with empty caches: fewer than rounds, because one of them can take
  /// minutes.
  ///
  /// @return the number of rounds that measure a cold compile
  public int coldCompiles() {
    return coldCompiles;
  }

  /// How a metric is sampled in one process.
  ///
  /// @return minima
  public SamplingPlan sampling() {
    return switch (this) {
      case QUICK -> new SamplingPlan(3, SECOND, 30 * SECOND, false, 5, SECOND, 5 * MILLI);
      case STANDARD ->
          new SamplingPlan(10, 2 * SECOND, 30 * SECOND, true, 30, 5 * SECOND, 5 * MILLI);
    };
  }
}
