package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.run.Probe;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

  ExitCode devices() {
    PeerCatalog catalog = workspace.peers();
    Map<String, DeviceFacts> devices = new TreeMap<>();
    for (Peer peer : catalog.peers()) {
      AdapterResult result = probe(peer).result();
      if (result != null) {
        List<DeviceFacts> all = result.devices();
        for (DeviceFacts device : all == null || all.isEmpty() ? List.of(result.device()) : all) {
          devices.putIfAbsent(device.id(), device);
        }
      }
    }
    devices.forEach((id, device) ->
        console.print(
            String.format(
                java.util.Locale.ROOT, "%-16s %-10s %s%n", id, device.kind(), device.name())));
    return devices.isEmpty() ? ExitCode.NOTHING_RAN : ExitCode.OK;
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
