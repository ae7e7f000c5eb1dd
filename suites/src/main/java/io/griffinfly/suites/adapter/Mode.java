package io.griffinfly.suites.adapter;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What a unit of work is for.
public enum Mode {
  /// Say what the framework is; load nothing.
  @JsonProperty("probe")
  PROBE,
  /// Load, compile, run every program once: the cold compile is measured so.
  @JsonProperty("compile")
  COMPILE,
  /// Load, compile, run and write outputs.
  @JsonProperty("verify")
  VERIFY,
  /// Load, compile, warm up, take samples, write the outputs of what was timed.
  @JsonProperty("bench")
  BENCH;

  /// The word on the adapter's command line.
  ///
  /// @return the name in lower case
  public String word() {
    return switch (this) {
      case PROBE -> "probe";
      case COMPILE -> "compile";
      case VERIFY -> "verify";
      case BENCH -> "bench";
    };
  }
}
