package io.griffinfly.engine.egraph;

import java.util.List;

/// What a run of the rules did.
///
/// @param rules each rule, in the order given
/// @param iterations rounds of search, apply and rebuild
/// @param nodes live nodes at the end
/// @param classes classes at the end
/// @param stop why it ended
/// @param searchNanos nanoseconds spent matching
/// @param applyNanos nanoseconds spent in appliers
/// @param rebuildNanos nanoseconds spent on unions and rebuilding
/// @param elapsedNanos nanoseconds in all
public record Report(
    List<Fired> rules,
    int iterations,
    int nodes,
    int classes,
    Stop stop,
    long searchNanos,
    long applyNanos,
    long rebuildNanos,
    long elapsedNanos) {
  /// Copies the list.
  public Report {
    rules = List.copyOf(rules);
  }

  /// Why a run ended.
  public enum Stop {
    /// No rule has anything to add: every consequence of the rules is in the e-graph.
    SATURATED,
    /// The iterations were used up.
    ITERATIONS,
    /// The e-graph reached its limit of nodes.
    NODES,
    /// The safety net caught the run. The result is valid, but another machine may get another one.
    CLOCK
  }

  /// What one rule did.
  ///
  /// @param name the rule
  /// @param matches matches applied; for a group rule, members of the groups applied
  /// @param unions unions that were news
  /// @param bans how often it was banned for too many matches
  /// @param searchNanos nanoseconds spent matching it
  public record Fired(String name, long matches, long unions, int bans, long searchNanos) {}

  /// What one rule did.
  ///
  /// @param name the rule
  /// @return its line in the report
  /// @throws EGraphException if there was no such rule
  public Fired fired(String name) {
    return rules.stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new EGraphException("no rule " + name + " ran"));
  }
}
