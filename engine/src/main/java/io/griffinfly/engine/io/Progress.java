package io.griffinfly.engine.io;

/// Hears how far a long task has come; called from any thread, often.
@FunctionalInterface
public interface Progress {
  /// For whoever does not want to know.
  Progress NONE = (done, total) -> {};

  /// Tells how far the task is.
  ///
  /// @param done units done, bytes as a rule
  /// @param total all units, −1 if that is not known
  void at(long done, long total);
}
