package io.griffinfly.engine.plan;

/// There is no such device, or what it needs is not installed.
public final class DeviceAbsentException extends DeviceException {
  /// Creates the exception.
  ///
  /// @param message what is wrong and what to do
  public DeviceAbsentException(String message) {
    super(message);
  }

  /// Creates the exception.
  ///
  /// @param message what is wrong and what to do
  /// @param cause what the system said
  public DeviceAbsentException(String message, Throwable cause) {
    super(message, cause);
  }
}
