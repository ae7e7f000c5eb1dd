package io.griffinfly.suites.plan;

import io.griffinfly.suites.adapter.Mode;

/// One process to be run.
///
/// @param id names its files
/// @param caseId what it runs
/// @param round in which round
/// @param mode what for
/// @param contender who runs it
/// @param cold whether it starts with empty caches: it measures the cold compile, every other the
///   warm one
public record PlannedUnit(
    String id, String caseId, int round, Mode mode, Contender contender, boolean cold) {
  /// Names it after what it is.
  static PlannedUnit of(String caseId, int round, Mode mode, Contender contender, boolean cold) {
    String label = contender.label().replace(':', '.');
    String name = caseId + "-" + label + "-" + round + "-" + mode.word();
    return new PlannedUnit(
        name.replaceAll("[^A-Za-z0-9@._-]", "_"), caseId, round, mode, contender, cold);
  }

  /// Whether it takes samples.
  ///
  /// @return true for what is measured in earnest
  public boolean timed() {
    return mode == Mode.BENCH;
  }
}
