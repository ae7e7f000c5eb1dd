package io.griffinfly.engine.jvm;

import java.util.List;

/// Kernels that do not disturb each other, run as one: their tasks behind each other, so that no
/// thread waits between them.
final class KernelGroup implements Kernel {
  private final Kernel[] kernels;
  private final int[] firstTask;
  private final int tasks;
  private final long scratchBytes;

  KernelGroup(List<Kernel> kernels) {
    this.kernels = kernels.toArray(Kernel[]::new);
    firstTask = new int[this.kernels.length];
    int count = 0;
    long scratch = 0;
    for (int i = 0; i < this.kernels.length; i++) {
      firstTask[i] = count;
      count += this.kernels[i].tasks();
      scratch = Math.max(scratch, this.kernels[i].scratchBytes());
    }
    tasks = count;
    scratchBytes = scratch;
  }

  @Override
  public int tasks() {
    return tasks;
  }

  @Override
  public long scratchBytes() {
    return scratchBytes;
  }

  @Override
  public void run(int task, long scratch) {
    int kernel = 0;
    while (kernel + 1 < kernels.length && firstTask[kernel + 1] <= task) {
      kernel++;
    }
    kernels[kernel].run(task - firstTask[kernel], scratch);
  }
}
