package io.griffinfly.engine.plan;

/// A device that cannot do what is asked: absent, out of memory, lost. The message says what to do.
public sealed class DeviceException extends RuntimeException
    permits DeviceAbsentException, DeviceLostException, DeviceMemoryException {
  /// Creates the exception.
  ///
  /// @param message what is wrong and what to do
  public DeviceException(String message) {
    super(message);
  }

  /// Creates the exception.
  ///
  /// @param message what is wrong and what to do
  /// @param cause what the system said
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
