package io.griffinfly.suites.adapter;

/// A failure that the protocol has an exit code for.
public final class AdapterException extends RuntimeException {
  /// Why a unit could not be done.
  public enum Kind {
    /// The framework cannot do this.
    UNSUPPORTED(64),
    /// The bundle is missing, malformed or does not fit the model.
    BAD_CASE(65),
    /// The device asked for is not there.
    NO_DEVICE(69),
    /// Anything else.
    INTERNAL(70),
    /// The device, or the host, has no room for it.
    OUT_OF_MEMORY(71),
    /// Worth one retry.
    TRANSIENT(75);

    private final int exitStatus;

    Kind(int exitStatus) {
      this.exitStatus = exitStatus;
    }

    /// The process exit status.
    ///
    /// @return the number
    public int exitStatus() {
      return exitStatus;
    }
  }

  private final Kind kind;

  /// A failure.
  ///
  /// @param kind which
  /// @param message what, where, and what to do
  public AdapterException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /// A failure with what led to it.
  ///
  /// @param kind which
  /// @param message what, where, and what to do
  /// @param cause what was caught
  public AdapterException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /// Which failure.
  ///
  /// @return the kind
  public Kind kind() {
    return kind;
  }
}
