package io.griffinfly.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A fixed number of threads that run the tasks of one [Kernel] at a time; the caller is one of
/// them.
///
/// Between kernels the workers spin for a moment, then park: the kernels of a step follow each
/// other within a microsecond, and waking a parked thread costs tens of them. Tasks are claimed one
/// by one in ascending order, so a thread that the operating system delays delays only its own
/// task.
///
/// Calls from several threads take turns. A task must not call the pool that runs it.
final class WorkerPool implements AutoCloseable {
  /// How long an idle thread spins before it parks: longer than the gap between two kernels of a
  /// step, shorter than anybody would notice in the load of the machine.
  private static final long SPIN_NANOS = 50_000;

  /// Spins between two looks at the clock, which costs about 20 ns.
  private static final int SPINS_PER_LOOK = 16;

  private final Worker[] workers;
  private final long spinNanos;
  private final ReentrantLock turn = new ReentrantLock();

  /// High half: number of the job; low half: tasks of it that nobody has claimed yet. A claim
  /// succeeds only for the job whose number was read, so a thread that comes late takes nothing of
  /// the next job under the old one's name.
  private final AtomicLong cursor = new AtomicLong();

  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean closed;
  private volatile @Nullable Thread waitingCaller;

  // Written before `cursor` announces a job, read after.
  private @Nullable Kernel kernel;
  private int tasks;

  private final long[] scratch;
  private long scratchBytes;

  /// Keeps the memory behind `scratch` alive.
  private final MemorySegment[] scratchOwners;

  /// A pool of `threads` threads, the caller included.
  ///
  /// @param threads at least 1; 1 starts no thread at all
  public WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a pool needs at least 1 thread, not " + threads);
    }
    // With fewer cores than threads, spinning would only keep the others from their work.
    spinNanos = threads <= Runtime.getRuntime().availableProcessors() ? SPIN_NANOS : 0;
    scratch = new long[threads];
    scratchOwners = new MemorySegment[threads];
    Arrays.fill(scratchOwners, MemorySegment.NULL);
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /// A pool with one thread for each processor that this process may use.
  ///
  /// @return the pool
  public static WorkerPool onAllProcessors() {
    return new WorkerPool(Runtime.getRuntime().availableProcessors());
  }

  /// The number of threads, the caller included.
  ///
  /// @return the count
  public int threads() {
    return workers.length + 1;
  }

  /// Makes room for kernels that need `bytes` of scratch a task, so that no later run allocates.
  ///
  /// @param bytes scratch memory of one task
  public void reserveScratch(long bytes) {
    turn.lock();
    try {
      if (bytes > scratchBytes) {
        growScratch(bytes);
      }
    } finally {
      turn.unlock();
    }
  }

  private void growScratch(long bytes) {
    Arena arena = Arena.ofAuto();
    for (int i = 0; i < scratch.length; i++) {
      scratchOwners[i] = NativeHeap.SHARED.allocate(bytes, arena);
      scratch[i] = scratchOwners[i].address();
    }
    scratchBytes = bytes;
  }

  /// Runs all tasks of `job` and returns when the last has ended.
  ///
  /// What the first failing task threw is thrown here, and tasks not yet begun are left out.
  ///
  /// @param job what to run
  public void run(Kernel job) {
    if (turn.isHeldByCurrentThread() || Thread.currentThread() instanceof Worker) {
      throw new IllegalStateException("a task must not run kernels on the pool that runs it");
    }
    turn.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the worker pool is closed");
      }
      if (job.scratchBytes() > scratchBytes) {
        growScratch(job.scratchBytes());
      }
      int count = job.tasks();
      if (count > 1 && workers.length > 0) {
        share(job, count);
      } else {
        for (int task = 0; task < count; task++) {
          job.run(task, scratch[0]);
        }
      }
    } finally {
      turn.unlock();
    }
  }

  private void share(Kernel job, int count) {
    kernel = job;
    tasks = count;
    unfinished.set(count);
    long number = (cursor.get() >>> 32) + 1;
    cursor.set(number << 32 | count);
    int wanted = Math.min(count - 1, workers.length);
    for (int i = 0; i < wanted; i++) {
      workers[i].wake();
    }
    work(0);
    awaitEnd();
    kernel = null;
    Throwable thrown = failure.getAndSet(null);
    if (thrown != null) {
      throw propagate(thrown);
    }
  }

  /// Claims and runs tasks of the announced job until none is left.
  private void work(int thread) {
    while (true) {
      long seen = cursor.get();
      int left = (int) seen;
      if (left == 0) {
        return;
      }
      Kernel job = kernel;
      int task = tasks - left;
      if (cursor.compareAndSet(seen, seen - 1)) {
        runTask(job, task, thread);
      }
    }
  }

  private void runTask(@Nullable Kernel job, int task, int thread) {
    try {
      if (job != null && failure.get() == null) {
        job.run(task, scratch[thread]);
      }
    } catch (Throwable thrown) {
      failure.compareAndSet(null, thrown);
    } finally {
      if (unfinished.decrementAndGet() == 0) {
        Thread caller = waitingCaller;
        if (caller != null) {
          LockSupport.unpark(caller);
        }
      }
    }
  }

  private void awaitEnd() {
    if (spinUntilEnd()) {
      return;
    }
    waitingCaller = Thread.currentThread();
    while (unfinished.get() != 0) {
      LockSupport.park(this);
    }
    waitingCaller = null;
  }

  private boolean spinUntilEnd() {
    long start = System.nanoTime();
    do {
      for (int i = 0; i < SPINS_PER_LOOK; i++) {
        if (unfinished.get() == 0) {
          return true;
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - start < spinNanos);
    return false;
  }

  private static RuntimeException propagate(Throwable thrown) {
    return switch (thrown) {
      case Error error -> throw error;
      case RuntimeException exception -> exception;
      default -> new IllegalStateException("a kernel's task failed", thrown);
    };
  }

  /// Ends the threads; waits for a running kernel first. A closed pool runs nothing more.
  @Override
  public void close() {
    turn.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      for (Worker worker : workers) {
        LockSupport.unpark(worker);
      }
      for (Worker worker : workers) {
        joinUninterruptibly(worker);
      }
    } finally {
      turn.unlock();
    }
  }

  private static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker extends Thread {
    private final int index;
    private volatile boolean parked;

    Worker(int index) {
      super("griffinfly-worker-" + index);
      this.index = index;
      setDaemon(true);
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      while (!closed) {
        work(index);
        if (!spinUntilWork()) {
          parkUntilWork();
        }
      }
    }

    private boolean idle() {
      return (int) cursor.get() == 0 && !closed;
    }

    private boolean spinUntilWork() {
      long start = System.nanoTime();
      do {
        for (int i = 0; i < SPINS_PER_LOOK; i++) {
          if (!idle()) {
            return true;
          }
          Thread.onSpinWait();
        }
      } while (System.nanoTime() - start < spinNanos);
      return false;
    }

    /// `parked` is written before `cursor` is read and the announcer does the reverse, so one of
    /// the two always sees the other.
    private void parkUntilWork() {
      parked = true;
      while (idle()) {
        LockSupport.park(WorkerPool.this);
      }
      parked = false;
    }
  }
}
