package io.griffinfly.suites.run;

import io.griffinfly.suites.adapter.ProgressFile;
import io.griffinfly.suites.plan.PlannedUnit;

/// What happens in a run, for whoever watches.
public sealed interface RunEvent {
  /// The run begins.
  ///
  /// @param runId names it
  /// @param units processes in all
  /// @param done of which an earlier, interrupted run did so many
  record Started(String runId, int units, int done) implements RunEvent {}

  /// Something before the processes, such as making a bundle.
  ///
  /// @param what in a few words
  record Preparing(String what) implements RunEvent {}

  /// A process begins.
  ///
  /// @param unit which
  /// @param number counted from 1
  /// @param units processes in all
  record UnitStarted(PlannedUnit unit, int number, int units) implements RunEvent {}

  /// A process tells where it is.
  ///
  /// @param unit which
  /// @param progress what it said last
  record UnitProgress(PlannedUnit unit, ProgressFile.Event progress) implements RunEvent {}

  /// A process has ended.
  ///
  /// @param unit which
  /// @param record how
  record UnitFinished(PlannedUnit unit, UnitRecord record) implements RunEvent {}

  /// A process is passed over because its framework failed before.
  ///
  /// @param unit which
  /// @param reason why
  record UnitSkipped(PlannedUnit unit, String reason) implements RunEvent {}

  /// Time has passed.
  ///
  /// @param unit which process runs
  /// @param seconds for how long
  record Heartbeat(PlannedUnit unit, long seconds) implements RunEvent {}

  /// The run is over.
  ///
  /// @param runId which
  record Finished(String runId) implements RunEvent {}

  /// Who watches.
  interface Listener {
    /// Something happened.
    ///
    /// @param event what
    void on(RunEvent event);
  }
}
