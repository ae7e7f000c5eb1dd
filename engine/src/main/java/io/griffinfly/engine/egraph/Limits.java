package io.griffinfly.engine.egraph;

/// When a [Runner] stops. All limits are counts, so that a run repeats exactly; the clock is a
/// safety net only, and a report says when it was needed.
///
/// @param iterations most rounds of search, apply and rebuild
/// @param nodes most live nodes; no rule applies beyond
/// @param matchesPerRule most matches of a rule in one iteration; more ban it for a while. Doubles
///   with each ban
/// @param banIterations how long the first ban lasts. Doubles with each ban
/// @param safetyNanos nanoseconds after which the run stops whatever the counts say
public record Limits(
    int iterations, int nodes, int matchesPerRule, int banIterations, long safetyNanos) {
  /// Limits for a graph that rules should enlarge by a factor, not explode: 8 iterations, 4 n +
  /// 5000 nodes but no more than 60000 beyond the input, 4 n + 1000 matches of a rule, bans from 2
  /// iterations, a minute (a busy machine can make the first run take ten seconds).
  ///
  /// @param size number n of nodes before the run
  /// @return the limits
  public static Limits forSize(int size) {
    int nodes = Math.min(4 * size + 5_000, size + 60_000);
    return new Limits(8, nodes, 4 * size + 1_000, 2, 60_000_000_000L);
  }

  /// The same limits with another number of iterations.
  ///
  /// @param newIterations most rounds
  /// @return the limits
  public Limits withIterations(int newIterations) {
    return new Limits(newIterations, nodes, matchesPerRule, banIterations, safetyNanos);
  }
}
