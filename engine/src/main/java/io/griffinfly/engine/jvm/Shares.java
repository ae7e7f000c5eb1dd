package io.griffinfly.engine.jvm;

import java.util.Arrays;

/// Units of equal work cut into tasks that get smaller towards the end: long ones first, because a
/// task that begins has to wait for its first reads, and short ones last, so that all threads end
/// together (guided self-scheduling, Polychronopoulos and Kuck 1987). Meant for work whose results
/// do not depend on the cut.
final class Shares {
  /// A task takes this part of one thread's share of what is left.
  private static final int PART = 2;

  private final int[] firsts;

  private Shares(int[] firsts) {
    this.firsts = firsts;
  }

  /// Cuts units.
  ///
  /// @param units how many, 0 or more
  /// @param least units of a task, 1 or more; a last one may have fewer
  /// @param most units of a task
  /// @param threads that will take tasks
  static Shares of(int units, int least, int most, int threads) {
    int[] firsts = new int[Math.ceilDiv(units, least) + 1];
    int tasks = 0;
    int first = 0;
    while (first < units) {
      firsts[tasks++] = first;
      int left = units - first;
      first += Math.min(left, Math.clamp(left / (PART * threads), least, Math.max(least, most)));
    }
    firsts[tasks] = units;
    return new Shares(Arrays.copyOf(firsts, tasks + 1));
  }

  /// How many tasks.
  int count() {
    return firsts.length - 1;
  }

  /// First unit of a task; of task [#count()] the number of units.
  int first(int task) {
    return firsts[task];
  }

  /// Units of a task.
  int size(int task) {
    return firsts[task + 1] - firsts[task];
  }

  /// Units of the largest task.
  int most() {
    int most = 0;
    for (int task = 0; task < count(); task++) {
      most = Math.max(most, size(task));
    }
    return most;
  }
}
