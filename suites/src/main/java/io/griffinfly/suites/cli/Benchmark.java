package io.griffinfly.suites.cli;

import io.griffinfly.engine.io.Progress;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.cases.Bundles;
import io.griffinfly.suites.cases.CaseBundle;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.plan.Plan;
import io.griffinfly.suites.plan.RunOptions;
import io.griffinfly.suites.report.Environment;
import io.griffinfly.suites.report.RunReport;
import io.griffinfly.suites.run.RunDirectory;
import io.griffinfly.suites.run.RunEvent;
import io.griffinfly.suites.run.RunExecutor;
import io.griffinfly.suites.run.UnitRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A run: options, bundles, plan, processes, results.
final class Benchmark {
  private final Console console;
  private final Workspace workspace;
  private final SuiteCommand command;

  Benchmark(Console console, Workspace workspace, SuiteCommand command) {
    this.console = console;
    this.workspace = workspace;
    this.command = command;
  }

  ExitCode run() {
    PeerCatalog catalog = workspace.peers();
    if (command.resume != null) {
      return resume(catalog, command.resume);
    }
    RunOptions asked = OptionsReader.read(command, Bundles.models(), catalog);
    try (ProgressView progress = ProgressView.of(command.progress, console)) {
      RunOptions options = AutoDevice.resolve(asked, catalog, progress);
      List<CaseBundle> bundles = bundles(options, progress);
      Plan plan = Plan.make(options, bundles, catalog);
      if (command.dryRun) {
        return DryRun.print(console, plan, catalog);
      }
      if (options.trace() != null) {
        OutputFile.check(Path.of(options.trace()));
      }
      RunDirectory directory = RunFolders.fresh(command.runsFolder(workspace));
      directory.create(plan);
      Environment environment = Environment.capture(workspace.home(), options.threads());
      RunReport.keep(directory, environment);
      return carryOut(directory, plan, bundles, catalog, progress);
    }
  }

  private ExitCode resume(PeerCatalog catalog, String asked) {
    if (command.shapesPlan()) {
      throw new SuiteException(
          ExitCode.USAGE,
          "--resume takes models, frameworks and settings from the run that it goes on with; leave"
              + " the other flags out");
    }
    RunDirectory directory = RunFolders.resumable(command.runsFolder(workspace), asked);
    Plan stored = Json.read(directory.plan(), Plan.class, ExitCode.USAGE);
    try (ProgressView progress = ProgressView.of(command.progress, console)) {
      List<CaseBundle> bundles = bundles(stored.options(), progress);
      Plan plan = Plan.make(stored.options(), bundles, catalog);
      if (!plan.sha256().equals(stored.sha256())) {
        throw new SuiteException(
            ExitCode.USAGE,
            "run "
                + directory.id()
                + " was planned with other cases or frameworks than are here now: start a new run");
      }
      return carryOut(directory, plan, bundles, catalog, progress);
    }
  }

  private ExitCode carryOut(
      RunDirectory directory,
      Plan plan,
      List<CaseBundle> bundles,
      PeerCatalog catalog,
      ProgressView progress) {
    RunExecutor executor = new RunExecutor(directory, plan, bundles, catalog, progress);
    Interruption interruption = new Interruption(console, directory, executor);
    List<UnitRecord> records;
    try {
      records = executor.execute();
    } finally {
      interruption.over();
    }
    progress.close();
    RunReport report = RunReport.write(directory, plan, bundles, records);
    ExitCode exitCode = exitCode(plan, records);
    if (!report.isFlat()) {
      exitCode = ExitCode.worst(List.of(exitCode, ExitCode.WRONG));
    }
    console.print(
        command.json ? report.json(exitCode) : report.text(console.painter()) + footer(directory));
    String trace = plan.options().trace();
    if (trace != null && !TraceFile.publish(console, directory, trace)) {
      exitCode = ExitCode.worst(List.of(exitCode, ExitCode.FRAMEWORK));
    }
    Path picture = command.picture;
    if (picture != null && !Publication.draw(console, picture, report.picture())) {
      exitCode = ExitCode.worst(List.of(exitCode, ExitCode.FRAMEWORK));
    }
    if (command.update) {
      Publication.publish(console, workspace, directory);
    }
    return exitCode;
  }

  private static String footer(RunDirectory directory) {
    return "\nresults in " + directory.path() + "\n";
  }

  private List<CaseBundle> bundles(RunOptions options, ProgressView progress) {
    String folder = options.caseDirectory();
    if (folder != null) {
      return List.of(CaseBundle.open(Path.of(folder)));
    }
    List<CaseBundle> bundles = new ArrayList<>();
    for (String model : options.models()) {
      progress.on(new RunEvent.Preparing("checking the bytes of " + model));
      Progress made = progress.bytes("making the weights of " + model);
      bundles.add(Bundles.of(model, workspace.cases(), made));
    }
    return bundles;
  }

  private static ExitCode exitCode(Plan plan, List<UnitRecord> records) {
    Set<ExitCode> outcomes = EnumSet.noneOf(ExitCode.class);
    records.forEach(record -> outcomes.add(record.status().exitCode()));
    if (plan.absent().stream().anyMatch(Plan.Absent::asked)) {
      outcomes.add(ExitCode.FRAMEWORK);
    }
    if (plan.units().isEmpty()) {
      outcomes.add(ExitCode.NOTHING_RAN);
    }
    return ExitCode.worst(outcomes);
  }
}
