package io.griffinfly.suites.run;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.cases.CaseBundle;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.plan.Contender;
import io.griffinfly.suites.plan.Plan;
import io.griffinfly.suites.plan.PlannedUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Carries a plan out, unit by unit, and can take it up where it was left.
public final class RunExecutor {
  private final RunDirectory directory;
  private final Plan plan;
  private final Map<String, CaseBundle> bundles = new HashMap<>();
  private final PeerCatalog catalog;
  private final RunEvent.Listener listener;
  private final Supervisor supervisor = new Supervisor();
  private final Map<String, UnitRecord> failures = new HashMap<>();

  /// Prepares to carry out a plan.
  ///
  /// @param directory the run's folder, which has the plan
  /// @param plan what to do
  /// @param bundles the plan's cases
  /// @param catalog the plan's peers
  /// @param listener who watches
  public RunExecutor(
      RunDirectory directory,
      Plan plan,
      List<CaseBundle> bundles,
      PeerCatalog catalog,
      RunEvent.Listener listener) {
    this.directory = directory;
    this.plan = plan;
    this.catalog = catalog;
    this.listener = listener;
    bundles.forEach(bundle -> this.bundles.put(bundle.description().id(), bundle));
  }

  /// Runs everything that is not done yet.
  ///
  /// @return the records of all units that were run, now or before, in the plan's order
  public List<UnitRecord> execute() {
    List<UnitRecord> records = new ArrayList<>();
    try (Journal journal = new Journal(directory.journal())) {
      Set<String> done = Journal.done(directory.journal());
      listener.on(new RunEvent.Started(directory.id(), plan.units().size(), done.size()));
      int number = 0;
      for (PlannedUnit unit : plan.units()) {
        number++;
        UnitRecord failure = failures.get(row(unit));
        if (failure != null) {
          listener.on(new RunEvent.UnitSkipped(unit, String.valueOf(failure.message())));
          continue;
        }
        UnitRecord record =
            done.contains(unit.id()) && directory.unit(unit.id()).toFile().isFile()
                ? Json.read(directory.unit(unit.id()), UnitRecord.class, ExitCode.INTERNAL)
                : perform(unit, number, journal);
        records.add(record);
        if (!record.status().goesOn()) {
          failures.put(row(unit), record);
        }
      }
      journal.append("finished", null, null);
    }
    RunDirectory.delete(directory.work());
    listener.on(new RunEvent.Finished(directory.id()));
    return records;
  }

  private UnitRecord perform(PlannedUnit unit, int number, Journal journal) {
    listener.on(new RunEvent.UnitStarted(unit, number, plan.units().size()));
    journal.append("started", unit.id(), null);
    UnitRecord record;
    try {
      record =
          new UnitRunner(directory, plan.options(), supervisor, listener)
              .run(
                  unit,
                  java.util.Objects.requireNonNull(bundles.get(unit.caseId())),
                  catalog.find(unit.contender().framework()).orElseThrow());
    } catch (SuiteException e) {
      if (e.exitCode() != ExitCode.FRAMEWORK) {
        throw e;
      }
      record =
          new UnitRecord(
              unit,
              UnitStatus.ERROR,
              e.getMessage(),
              java.time.Instant.now().toString(),
              0,
              -1,
              "logs/" + unit.id() + ".log",
              null,
              null,
              Map.of());
    }
    DurableFile.write(directory.unit(unit.id()), Json.pretty(record));
    journal.append("done", unit.id(), record.status());
    listener.on(new RunEvent.UnitFinished(unit, record));
    return record;
  }

  private static String row(PlannedUnit unit) {
    Contender contender = unit.contender();
    return unit.caseId() + " " + contender.label();
  }

  /// Ends the process of the moment, from another thread.
  public void stop() {
    supervisor.stop();
  }
}
