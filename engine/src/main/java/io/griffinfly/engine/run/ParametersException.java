package io.griffinfly.engine.run;

/// Parameters that are missing or do not fit the graph.
public final class ParametersException extends RuntimeException {
  /// Creates the exception.
  ///
  /// @param message which parameter, what was found and what was expected
  public ParametersException(String message) {
    super(message);
  }
}
