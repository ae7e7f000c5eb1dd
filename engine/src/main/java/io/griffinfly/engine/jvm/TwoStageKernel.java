package io.griffinfly.engine.jvm;

import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Two kernels of which the second needs everything that the first writes: the task of the first
/// that ends last runs the second, which is small, alone and in order.
///
/// A task of the first that fails still counts, or the next run would start the second too early;
/// what it threw is thrown once all have ended.
final class TwoStageKernel implements Kernel {
  private final Kernel first;
  private final Kernel second;
  private final Workspace between;
  private final AtomicInteger unfinished;
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  /// Joins two kernels.
  ///
  /// @param first writes the workspace
  /// @param second reads it
  /// @param between the workspace, which lives as long as this kernel
  TwoStageKernel(Kernel first, Kernel second, Workspace between) {
    this.between = between;
    this.first = first;
    this.second = second;
    this.unfinished = new AtomicInteger(first.tasks());
  }

  @Override
  public int tasks() {
    return first.tasks();
  }

  @Override
  public long scratchBytes() {
    return Math.max(first.scratchBytes(), second.scratchBytes());
  }

  @Override
  public void run(int task, long scratch) {
    try {
      first.run(task, scratch);
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
    if (unfinished.decrementAndGet() == 0) {
      unfinished.set(first.tasks());
      RuntimeException failed = failure.getAndSet(null);
      if (failed != null) {
        throw failed;
      }
      try {
        for (int next = 0; next < second.tasks(); next++) {
          second.run(next, scratch);
        }
      } finally {
        Reference.reachabilityFence(between);
      }
    }
  }
}
