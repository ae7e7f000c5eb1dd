package io.griffinfly.models;

/// A model, a configuration or a case that cannot be used; the message is one line that says why.
public final class ModelException extends RuntimeException {
  /// Creates the exception.
  ///
  /// @param message what is wrong, where, and what was expected
  public ModelException(String message) {
    super(message);
  }
}
