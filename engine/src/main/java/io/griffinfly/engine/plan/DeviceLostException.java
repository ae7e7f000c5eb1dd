package io.griffinfly.engine.plan;

/// The device stopped answering. Everything on it is lost and must be made anew.
public final class DeviceLostException extends DeviceException {
  /// Creates the exception.
  ///
  /// @param message what is wrong and what to do
  public DeviceLostException(String message) {
    super(message);
  }

  /// Creates the exception.
  ///
  /// @param message what is wrong and what to do
  /// @param cause what the system said
  public DeviceLostException(String message, Throwable cause) {
    super(message, cause);
  }
}
