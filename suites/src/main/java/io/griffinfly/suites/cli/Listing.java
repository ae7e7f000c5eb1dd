package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.cases.Bundles;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.plan.Metric;
import java.util.stream.Collectors;

/// `--list`.
final class Listing {
  private Listing() {}

  static ExitCode print(Console console, PeerCatalog catalog) {
    StringBuilder out = new StringBuilder();
    out.append("models      ").append(String.join(", ", Bundles.models())).append('\n');
    for (Peer peer : catalog.peers()) {
      out.append("framework   ").append(peer.name());
      if (!peer.manifest().variants().equals(java.util.List.of(Peer.ONLY_VARIANT))) {
        out.append(" (").append(String.join(", ", peer.manifest().variants())).append(')');
      }
      out.append(" on ").append(String.join(", ", peer.manifest().devices())).append('\n');
    }
    out.append("devices     auto, ").append(String.join(", ", catalog.devices())).append('\n');
    out.append("metrics     ")
        .append(Metric.ALL.stream().map(Metric::name).collect(Collectors.joining(", ")))
        .append('\n');
    console.print(out.toString());
    return ExitCode.OK;
  }
}
