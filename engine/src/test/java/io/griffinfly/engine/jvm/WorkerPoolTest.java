package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerPoolTest {
  private record Job(int tasks, long scratchBytes, IntConsumer body) implements Kernel {
    @Override
    public void run(int task, long scratch) {
      if (scratchBytes > 0) {
        // Each task fills its scratch and finds it as it left it: nobody else writes there.
        Memory.ALL.set(Memory.INT, scratch + scratchBytes - Integer.BYTES, task);
        Memory.ALL.set(Memory.INT, scratch, task);
        assertEquals(0, scratch % Memory.ALIGNMENT);
      }
      body.accept(task);
      if (scratchBytes > 0) {
        assertEquals(task, Memory.ALL.get(Memory.INT, scratch));
        assertEquals(task, Memory.ALL.get(Memory.INT, scratch + scratchBytes - Integer.BYTES));
      }
    }
  }

  private static Job job(int tasks, IntConsumer body) {
    return new Job(tasks, 0, body);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 16})
  void everyTaskRunsOnceAndIsOverWhenRunReturns(int threads) {
    int[] counts = {0, 1, 2, 3, 7, 64, 1000};
    try (WorkerPool pool = new WorkerPool(threads)) {
      assertEquals(threads, pool.threads());
      for (int round = 0; round < 3000; round++) {
        int tasks = counts[round % counts.length];
        AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
        pool.run(new Job(tasks, 64L * (1 + round % 5), runs::incrementAndGet));
        for (int task = 0; task < tasks; task++) {
          assertEquals(1, runs.get(task));
        }
      }
    }
  }

  @Test
  void parkedWorkersWakeUp() {
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int round = 0; round < 5; round++) {
        waitForParkedWorkers();
        CountDownLatch together = new CountDownLatch(3);
        // Ends only when three threads are inside at the same time.
        pool.run(
            job(
                3,
                task -> {
                  together.countDown();
                  assertTrue(awaits(together));
                }));
      }
    }
  }

  private static boolean awaits(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException exception) {
      throw new AssertionError(exception);
    }
  }

  private static void waitForParkedWorkers() {
    long start = System.nanoTime();
    while (System.nanoTime() - start < 2_000_000) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void theFirstFailureReachesTheCallerAndThePoolLivesOn(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      for (int round = 0; round < 200; round++) {
        IllegalArgumentException expected = new IllegalArgumentException("task 7");
        IllegalArgumentException thrown =
            assertThrows(
                IllegalArgumentException.class,
                () ->
                    pool.run(
                        job(
                            20,
                            task -> {
                              if (task == 7) {
                                throw expected;
                              }
                            })));
        assertSame(expected, thrown);
        Set<Integer> seen = ConcurrentHashMap.newKeySet();
        pool.run(job(9, seen::add));
        assertEquals(9, seen.size());
      }
    }
  }

  @Test
  void errorsOfWorkersReachTheCaller() {
    try (WorkerPool pool = new WorkerPool(4)) {
      assertThrows(
          AssertionError.class,
          () ->
              pool.run(
                  job(
                      8,
                      _ -> {
                        throw new AssertionError();
                      })));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aTaskMustNotRunKernels(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      assertThrows(
          IllegalStateException.class, () -> pool.run(job(8, _ -> pool.run(job(1, _ -> {})))));
    }
  }

  @Test
  void severalCallersTakeTurns() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(2)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(4);
      Thread[] callers = new Thread[4];
      for (int caller = 0; caller < callers.length; caller++) {
        int index = caller;
        callers[caller] =
            new Thread(() -> {
              for (int round = 0; round < 500; round++) {
                pool.run(job(3, _ -> runs.incrementAndGet(index)));
              }
            });
        callers[caller].start();
      }
      for (int caller = 0; caller < callers.length; caller++) {
        callers[caller].join();
        assertEquals(1500, runs.get(caller));
      }
    }
  }

  @Test
  void aClosedPoolRunsNothingAndLeavesNoThread() {
    WorkerPool pool = new WorkerPool(3);
    pool.run(job(3, _ -> {}));
    pool.close();
    pool.close();
    assertThrows(IllegalStateException.class, () -> pool.run(job(3, _ -> {})));
    assertFalse(
        Thread.getAllStackTraces().keySet().stream()
            .anyMatch(thread -> thread.getName().equals("griffinfly-worker-2") && thread.isAlive()),
        "a worker outlived its pool");
  }

  @Test
  void aPoolNeedsAThread() {
    assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
  }
}
