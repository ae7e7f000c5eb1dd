package io.griffinfly.engine.plan;

/// The device has no room for what is asked.
public final class DeviceMemoryException extends DeviceException {
  /// Creates the exception.
  ///
  /// @param message what is wrong and what to do
  public DeviceMemoryException(String message) {
    super(message);
  }

  /// Creates the exception.
  ///
  /// @param message what is wrong and what to do
  /// @param cause what the system said
  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
