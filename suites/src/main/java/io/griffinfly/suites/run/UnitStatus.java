package io.griffinfly.suites.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.griffinfly.suites.ExitCode;

/// How a unit ended.
public enum UnitStatus {
  /// Done, and right where it was checked.
  @JsonProperty("ok")
  OK(ExitCode.OK, "ok"),
  /// The framework says that it cannot.
  @JsonProperty("unsupported")
  UNSUPPORTED(ExitCode.OK, "n/s"),
  /// Crashed, or broke the protocol.
  @JsonProperty("error")
  ERROR(ExitCode.FRAMEWORK, "ERR"),
  /// Still busy at its deadline.
  @JsonProperty("timeout")
  TIMEOUT(ExitCode.FRAMEWORK, "T/O"),
  /// The framework found the bundle malformed.
  @JsonProperty("bad_case")
  BAD_CASE(ExitCode.BUNDLE, "ERR"),
  /// The times cannot be what they claim to be.
  @JsonProperty("invalid")
  INVALID(ExitCode.WRONG, "invalid"),
  /// The values are wrong.
  @JsonProperty("wrong")
  WRONG(ExitCode.WRONG, "wrong"),
  /// The values cannot be told right from wrong.
  @JsonProperty("unverifiable")
  UNVERIFIABLE(ExitCode.OK, "unverifiable");

  private final ExitCode exitCode;
  private final String word;

  UnitStatus(ExitCode exitCode, String word) {
    this.exitCode = exitCode;
    this.word = word;
  }

  /// What a run with such a unit ends with.
  ///
  /// @return the code
  public ExitCode exitCode() {
    return exitCode;
  }

  /// How it is printed.
  ///
  /// @return one word
  public String word() {
    return word;
  }

  /// Whether the framework's further units make sense.
  ///
  /// @return true unless something is wrong
  public boolean goesOn() {
    return this == OK || this == UNVERIFIABLE;
  }
}
