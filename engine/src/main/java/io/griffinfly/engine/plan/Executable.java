package io.griffinfly.engine.plan;

import java.lang.foreign.MemorySegment;

/// A plan bound to the memory of a device. Belongs to one thread at a time.
public interface Executable extends AutoCloseable {
  /// Computes what depends on states and constants only. To be called before the first run and
  /// after a state was changed from outside.
  void prepare();

  /// Runs the plan once and waits for its end.
  void run();

  /// Runs the plan once, one kernel at a time, and reports each. Slower than [#run].
  ///
  /// @param listener is told of each kernel when it has ended
  void run(Listener listener);

  /// How often a run waits until everything before has ended.
  ///
  /// @return the number
  int barriers();

  /// Copies an input to the device.
  ///
  /// @param view where to; a dense view that the plan names
  /// @param from the bytes
  void write(View view, MemorySegment from);

  /// Copies a result to the host, row-major.
  ///
  /// @param view where from; any view that the plan names
  /// @param to takes the bytes
  void read(View view, MemorySegment to);

  /// Fills everything that a run computes with NaN patterns, so that an element which no kernel
  /// writes shows itself.
  void poison();

  /// Frees everything but the memory of the states.
  @Override
  void close();

  /// Is told what each kernel took.
  @FunctionalInterface
  interface Listener {
    /// A kernel has ended.
    ///
    /// @param step the kernel
    /// @param startNanos when it began, on the clock of [System#nanoTime]
    /// @param elapsedNanos how long it took
    void ran(Step step, long startNanos, long elapsedNanos);
  }
}
