package io.griffinfly.engine.data;

/// Data that are not what their format demands; the message is one line that names the file.
public final class DataException extends RuntimeException {
  /// Creates the exception.
  ///
  /// @param message what is wrong, where, and what was expected
  public DataException(String message) {
    super(message);
  }
}
