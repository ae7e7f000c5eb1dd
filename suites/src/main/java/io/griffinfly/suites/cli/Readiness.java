package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.report.DeviceTable;
import io.griffinfly.suites.run.Probe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `--check` and `--list-devices`: asks each framework what it is and where it could run.
final class Readiness {
  private final Console console;
  private final Workspace workspace;

  Readiness(Console console, Workspace workspace) {
    this.console = console;
    this.workspace = workspace;
  }

  ExitCode check(@Nullable List<String> asked) {
    PeerCatalog catalog = workspace.peers();
    List<String> names =
        asked == null ? catalog.names() : Choices.resolve("framework", asked, catalog.names());
    boolean allReady = true;
    for (Peer peer : catalog.peers()) {
      if (!names.contains(peer.name())) {
        continue;
      }
      Probe.Answer answer = probe(peer);
      AdapterResult result = answer.result();
      allReady &= result != null;
      String state =
          result == null
              ? console.painter().bad("not ready") + "  " + answer.problem()
              : console.painter().good("ready") + "  " + describe(result);
      console.print(String.format(java.util.Locale.ROOT, "%-14s %s%n", peer.name(), state));
    }
    return allReady || asked == null ? ExitCode.OK : ExitCode.FRAMEWORK;
  }

  /// The engine's devices; without the engine those of all others.
  ExitCode devices() {
    PeerCatalog catalog = workspace.peers();
    List<Peer> asked = catalog.find(PeerCatalog.OWN).map(List::of).orElse(catalog.peers());
    Map<String, DeviceFacts> devices = new LinkedHashMap<>();
    List<String> notes = new ArrayList<>();
    for (Peer peer : asked) {
      Probe.Answer answer = probe(peer);
      AdapterResult result = answer.result();
      if (result == null) {
        console.say("griffinfly: " + peer.name() + " does not answer: " + answer.problem());
        continue;
      }
      List<DeviceFacts> all = result.devices();
      for (DeviceFacts device : all == null || all.isEmpty() ? List.of(result.device()) : all) {
        devices.putIfAbsent(device.id(), device);
      }
      notes.addAll(Objects.requireNonNullElse(result.notes(), List.of()));
    }
    if (devices.isEmpty()) {
      return ExitCode.NOTHING_RAN;
    }
    List<DeviceFacts> all = List.copyOf(devices.values());
    console.print(DeviceTable.render(all, AutoDevice.gpu(all), notes, console.painter()));
    return ExitCode.OK;
  }

  private Probe.Answer probe(Peer peer) {
    return Probe.ask(peer, Runtime.getRuntime().availableProcessors());
  }

  private static String describe(AdapterResult result) {
    return result.framework().name()
        + " "
        + result.framework().version()
        + " on "
        + result.device().name();
  }
}
