package io.griffinfly.engine.egraph;

/// A misuse of the e-graph or a rule that broke it: an unsound merge, an id that does not exist, a
/// pattern without a root, a class without an affordable term. The message names the rule or class.
public final class EGraphException extends RuntimeException {
  /// Creates the exception.
  ///
  /// @param message what is wrong and where
  public EGraphException(String message) {
    super(message);
  }

  /// Creates the exception for a failure inside client code: a guard, an applier, an analysis.
  ///
  /// @param message what was being done, for which rule
  /// @param cause what the client code threw
  public EGraphException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
