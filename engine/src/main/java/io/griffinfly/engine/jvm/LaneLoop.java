package io.griffinfly.engine.jvm;

/// A loop on vectors over the rows of panels: see [OutOfLine].
@FunctionalInterface
interface LaneLoop {
  /// Runs it; what the arguments are is the loop's to say, addresses and strides as a rule.
  void run(long a, long b, long c, long d, int rows);
}
