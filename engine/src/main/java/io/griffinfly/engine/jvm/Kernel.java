package io.griffinfly.engine.jvm;

/// Code bound to its operands, cut into tasks that may run in any order and on any thread, and
/// write disjoint memory. What a task writes depends on its number alone, never on the number of
/// threads, so results are bit-equal for any number of threads.
interface Kernel {
  /// Number of tasks.
  ///
  /// @return the count; 0 means there is nothing to do
  int tasks();

  /// Scratch memory that one task needs.
  ///
  /// @return bytes; 0 for none
  default long scratchBytes() {
    return 0;
  }

  /// Runs one task.
  ///
  /// @param task its number, from 0
  /// @param scratch address of [#scratchBytes()] bytes, aligned to a cache line, that no other
  ///   thread uses meanwhile; their content is undefined when the task starts
  void run(int task, long scratch);
}
