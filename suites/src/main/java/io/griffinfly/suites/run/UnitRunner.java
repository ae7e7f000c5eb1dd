package io.griffinfly.suites.run;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.MetricSamples;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.adapter.ProgramSpec;
import io.griffinfly.suites.adapter.ProgressFile;
import io.griffinfly.suites.cases.CaseBundle;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.plan.PlannedUnit;
import io.griffinfly.suites.plan.Requests;
import io.griffinfly.suites.plan.RunOptions;
import io.griffinfly.suites.validate.Audit;
import io.griffinfly.suites.validate.Validation;
import io.griffinfly.suites.validate.Validator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Runs one unit: request, process, result, validation.
final class UnitRunner {
  private static final int TRANSIENT = 75;
  private static final String TRACE = "trace.json";
  private static final long HEARTBEAT_NANOS = 5_000_000_000L;

  private final RunDirectory directory;
  private final RunOptions options;
  private final Supervisor supervisor;
  private final RunEvent.Listener listener;

  UnitRunner(
      RunDirectory directory,
      RunOptions options,
      Supervisor supervisor,
      RunEvent.Listener listener) {
    this.directory = directory;
    this.options = options;
    this.supervisor = supervisor;
    this.listener = listener;
  }

  /// Runs a unit, once more if its first failure was transient.
  UnitRecord run(PlannedUnit unit, CaseBundle bundle, Peer peer) {
    UnitRecord first = attempt(unit, bundle, peer);
    return first.exitStatus() == TRANSIENT ? attempt(unit, bundle, peer) : first;
  }

  private UnitRecord attempt(PlannedUnit unit, CaseBundle bundle, Peer peer) {
    Path work = directory.work().resolve(unit.id());
    RunDirectory.delete(work);
    Path out = work.resolve("out");
    Path cache = cache(unit);
    String started = Instant.now().toString();
    AdapterRequest request =
        Requests.of(
            unit, options, bundle, peer, directory.id() + started, cache, out.resolve(TRACE));
    Path requestFile = work.resolve("request.json");
    try {
      if (unit.cold()) {
        RunDirectory.delete(cache);
      }
      Files.createDirectories(out);
      Files.createDirectories(cache);
      Files.createDirectories(directory.log(unit.id()).getParent());
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(work, e), e);
    }
    DiskSpace.require(work, request, bundle.description());
    DurableFile.write(requestFile, Json.pretty(request));
    Supervisor.Outcome outcome =
        supervisor.run(
            Launch.of(peer, request, new Launch.Files(bundle.directory(), requestFile, out)),
            work,
            directory.log(unit.id()),
            options.timeoutSeconds(),
            watch(unit, out));
    UnitRecord record = conclude(unit, bundle, request, out, outcome, started);
    keepTrace(out.resolve(TRACE));
    RunDirectory.delete(work);
    return record;
  }

  /// A trace outlives the unit's other files.
  private void keepTrace(Path written) {
    try {
      if (Files.isRegularFile(written)) {
        DurableFile.write(directory.trace(), Files.readAllBytes(written));
      }
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(directory.trace(), e), e);
    }
  }

  /// Contenders never share a cache, and a round that measures a cold compile starts a new one,
  /// which the rounds after it go on with.
  private Path cache(PlannedUnit unit) {
    int generation = Math.min(unit.round(), options.profile().coldCompiles() - 1);
    String owner = unit.caseId() + "-" + unit.contender().label().replace(':', '.');
    return directory
        .work()
        .resolve("caches")
        .resolve(owner.replaceAll("[^A-Za-z0-9@._-]", "_") + "-" + generation)
        .toAbsolutePath();
  }

  private Runnable watch(PlannedUnit unit, Path out) {
    ProgressTail tail = new ProgressTail(out.resolve(ProgressFile.NAME));
    long began = System.nanoTime();
    long[] spokeAt = {began};
    return () -> {
      long now = System.nanoTime();
      for (ProgressFile.Event event : tail.read()) {
        listener.on(new RunEvent.UnitProgress(unit, event));
        spokeAt[0] = now;
      }
      if (now - spokeAt[0] >= HEARTBEAT_NANOS) {
        spokeAt[0] = now;
        listener.on(new RunEvent.Heartbeat(unit, (now - began) / 1_000_000_000L));
      }
    };
  }

  private UnitRecord conclude(
      PlannedUnit unit,
      CaseBundle bundle,
      AdapterRequest request,
      Path out,
      Supervisor.Outcome outcome,
      String started) {
    Draft draft = new Draft(unit, outcome, started, "logs/" + unit.id() + ".log");
    Path resultFile = out.resolve("result.json");
    if (outcome.timedOut()) {
      return draft.failed(
          UnitStatus.TIMEOUT, "still busy after " + options.timeoutSeconds() + " s (--timeout)");
    }
    if (outcome.exitStatus() != 0) {
      return draft.failed(
          ExitStatuses.meaning(outcome.exitStatus()),
          ExitStatuses.explain(outcome.exitStatus(), resultFile, directory.log(unit.id())));
    }
    if (outcome.leftBehind() > 0) {
      return draft.failed(
          UnitStatus.ERROR, "left " + outcome.leftBehind() + " processes behind when it ended");
    }
    if (!Files.isRegularFile(resultFile)) {
      return draft.failed(UnitStatus.ERROR, "ended well but wrote no result.json");
    }
    AdapterResult result;
    try {
      result = Json.read(resultFile, AdapterResult.class, ExitCode.FRAMEWORK);
    } catch (SuiteException e) {
      return draft.failed(UnitStatus.ERROR, String.valueOf(e.getMessage()));
    }
    draft.result = result;
    String broken = ResultForm.problem(result, request);
    if (broken != null) {
      return draft.failed(UnitStatus.ERROR, broken);
    }
    if (unit.mode() == Mode.COMPILE) {
      return draft.ended(UnitStatus.OK, null);
    }
    Path outputs = out.resolve("outputs.safetensors");
    if (!Files.isRegularFile(outputs)) {
      return draft.failed(UnitStatus.ERROR, "ended well but wrote no outputs.safetensors");
    }
    Validation validation = Validator.validate(bundle, request, outputs);
    draft.validation = validation;
    draft.audits = audits(request, result, outcome.wallNs());
    return judge(draft, validation);
  }

  private static UnitRecord judge(Draft draft, Validation validation) {
    return switch (validation.verdict()) {
      case WRONG ->
          draft.ended(
              UnitStatus.WRONG, validation.worstFailure().map(c -> c.describe()).orElse(null));
      case PASS, UNVERIFIABLE -> {
        String problem =
            draft.audits.values().stream()
                .map(Audit::problem)
                .filter(each -> each != null)
                .findFirst()
                .orElse(null);
        if (problem != null) {
          yield draft.ended(UnitStatus.INVALID, problem);
        }
        yield draft.ended(
            validation.verdict() == Validation.Verdict.PASS
                ? UnitStatus.OK
                : UnitStatus.UNVERIFIABLE,
            null);
      }
    };
  }

  private static Map<String, Audit> audits(
      AdapterRequest request, AdapterResult result, long wallNs) {
    Map<String, Audit> audits = new TreeMap<>();
    Map<String, MetricSamples> metrics = result.metrics();
    if (metrics != null && request.mode() == Mode.BENCH) {
      for (ProgramSpec spec : request.programs()) {
        String metric = spec.metric();
        MetricSamples samples = metric == null ? null : metrics.get(metric);
        if (metric != null && samples != null) {
          audits.put(metric, Audit.of(metric, samples, request.sampling().samples(), wallNs));
        }
      }
    }
    return audits;
  }

  /// A record in the making.
  private static final class Draft {
    private final PlannedUnit unit;
    private final Supervisor.Outcome outcome;
    private final String started;
    private final String log;
    private @Nullable AdapterResult result;
    private @Nullable Validation validation;
    private Map<String, Audit> audits = Map.of();

    Draft(PlannedUnit unit, Supervisor.Outcome outcome, String started, String log) {
      this.unit = unit;
      this.outcome = outcome;
      this.started = started;
      this.log = log;
    }

    UnitRecord failed(UnitStatus status, String message) {
      return ended(status, message);
    }

    UnitRecord ended(UnitStatus status, @Nullable String message) {
      return new UnitRecord(
          unit,
          status,
          message,
          started,
          outcome.wallNs(),
          outcome.exitStatus(),
          log,
          result,
          validation,
          audits);
    }
  }
}
