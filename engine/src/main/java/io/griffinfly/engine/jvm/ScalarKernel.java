package io.griffinfly.engine.jvm;

import java.util.function.IntConsumer;

/// A kernel that needs no scratch memory: the scalar twins, which handle every element type and
/// every layout one element at a time, in double precision.
///
/// @param tasks number of tasks
/// @param body what a task does, given its number
record ScalarKernel(int tasks, IntConsumer body) implements Kernel {
  /// A kernel with one task for each of `count` rows.
  static ScalarKernel of(long count, IntConsumer body) {
    return new ScalarKernel(Math.toIntExact(count), body);
  }

  @Override
  public void run(int task, long scratch) {
    body.accept(task);
  }
}
