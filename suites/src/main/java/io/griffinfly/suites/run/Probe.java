package io.griffinfly.suites.run;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.peers.Manifest;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.plan.Requests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Asks a framework what it is, without loading anything.
public final class Probe {
  private static final long DEADLINE_SECONDS = 60;

  private Probe() {}

  /// What came back: a result, or what is in its way.
  ///
  /// @param result what it said; null if it is not ready
  /// @param problem one line; null if it is ready
  public record Answer(@Nullable AdapterResult result, @Nullable String problem) {}

  /// Asks a framework as its manifest has it first: its first variant on its first kind of device.
  ///
  /// @param peer whom
  /// @param threads of every CPU pool
  /// @return the answer
  public static Answer ask(Peer peer, int threads) {
    Manifest manifest = peer.manifest();
    return ask(peer, manifest.variants().getFirst(), manifest.devices().getFirst(), threads);
  }

  /// Asks.
  ///
  /// @param peer whom
  /// @param variant which of its ways of running
  /// @param device the run's device
  /// @param threads of every CPU pool
  /// @return the answer
  public static Answer ask(Peer peer, String variant, String device, int threads) {
    String missing = peer.notReady(device).orElse(null);
    if (missing != null) {
      return new Answer(null, missing);
    }
    Path work;
    try {
      work = Files.createTempDirectory("griffinfly-probe");
    } catch (IOException e) {
      throw new SuiteException(
          ExitCode.INTERNAL,
          DurableFile.unwritable(Path.of(System.getProperty("java.io.tmpdir")), e),
          e);
    }
    try {
      AdapterRequest request = Requests.probe(peer, variant, peer.device(device), threads, work);
      return ask(peer, request, work);
    } catch (SuiteException e) {
      return new Answer(null, e.getMessage());
    } finally {
      RunDirectory.delete(work);
    }
  }

  private static Answer ask(Peer peer, AdapterRequest request, Path work) {
    Path out = work.resolve("out");
    Path requestFile = work.resolve("request.json");
    Path log = work.resolve("probe.log");
    DurableFile.write(requestFile, Json.pretty(request));
    if (!out.toFile().mkdir()) {
      throw new SuiteException(ExitCode.INTERNAL, "cannot write " + out);
    }
    Supervisor.Outcome outcome =
        new Supervisor()
            .run(
                Launch.of(peer, request, new Launch.Files(work, requestFile, out)),
                work,
                log,
                DEADLINE_SECONDS,
                () -> {});
    Path resultFile = out.resolve("result.json");
    if (outcome.timedOut()) {
      return new Answer(null, "did not answer within " + DEADLINE_SECONDS + " s");
    }
    if (outcome.exitStatus() != 0) {
      return new Answer(null, ExitStatuses.explain(outcome.exitStatus(), resultFile, log));
    }
    return new Answer(Json.read(resultFile, AdapterResult.class, ExitCode.FRAMEWORK), null);
  }
}
