package io.griffinfly.suites.plan;

import io.griffinfly.suites.adapter.Mode;

/// One process to be run.
///
/// @param id names its files
/// @param caseId what it runs
/// @param round in which round
/// @param mode what for
/// @param contender who runs it
public record PlannedUnit(String id, String caseId, int round, Mode mode, Contender contender) {
  /// Names it after what it is.
  static PlannedUnit of(String caseId, int round, Mode mode, Contender contender) {
    String label = contender.label().replace(':', '.');
    String name = caseId + "-" + label + "-" + round + "-" + mode.word();
    return new PlannedUnit(
        name.replaceAll("[^A-Za-z0-9@._-]", "_"), caseId, round, mode, contender);
  }

  /// Whether it starts with empty caches.
  ///
  /// @return true where the cold compile is measured
  public boolean cold() {
    return mode == Mode.VERIFY || mode == Mode.COMPILE;
  }
}
