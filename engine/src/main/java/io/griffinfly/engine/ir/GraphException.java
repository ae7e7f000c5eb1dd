package io.griffinfly.engine.ir;

/// A graph that cannot be: shapes, types or names that do not fit. The message names the operation
/// and what it was given.
public final class GraphException extends RuntimeException {
  /// Creates the exception.
  ///
  /// @param message what is wrong, where, and what was expected
  public GraphException(String message) {
    super(message);
  }
}
