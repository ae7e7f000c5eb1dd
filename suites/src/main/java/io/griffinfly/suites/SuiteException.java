package io.griffinfly.suites;

/// A failure with one line for the user: what is wrong, where, and what to do.
public final class SuiteException extends RuntimeException {
  private final ExitCode exitCode;

  /// A failure.
  ///
  /// @param exitCode what the command ends with
  /// @param message the line
  public SuiteException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /// A failure with what led to it.
  ///
  /// @param exitCode what the command ends with
  /// @param message the line
  /// @param cause what was caught
  public SuiteException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /// What the command ends with.
  ///
  /// @return the code
  public ExitCode exitCode() {
    return exitCode;
  }
}
