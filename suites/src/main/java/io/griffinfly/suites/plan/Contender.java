package io.griffinfly.suites.plan;

import io.griffinfly.suites.peers.Peer;

/// One way of running one framework: a row of the table.
///
/// @param framework the framework
/// @param variant which of its ways
public record Contender(String framework, String variant) {
  /// How it is printed and named on the command line.
  ///
  /// @return `framework` or `framework:variant`
  public String label() {
    return variant.equals(Peer.ONLY_VARIANT) ? framework : framework + ":" + variant;
  }
}
