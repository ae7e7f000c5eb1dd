package io.griffinfly.suites.run;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs one process at a time to its end or to its deadline, and leaves nothing of it behind.
public final class Supervisor {
  /// Rare enough that looking on costs the measured process nothing that shows.
  private static final long TICK_MILLIS = 250;

  private static final long GRACE_MILLIS = 5_000;

  /// How long helpers of a process may take to notice that it has gone.
  private static final long AFTERLIFE_MILLIS = 2_000;

  private @Nullable ProcessTree running;
  private boolean stopped;

  /// How a process ended.
  ///
  /// @param exitStatus its status
  /// @param timedOut whether it was ended at its deadline
  /// @param leftBehind number of processes that outlived it
  /// @param wallNs how long it lived
  public record Outcome(int exitStatus, boolean timedOut, int leftBehind, long wallNs) {}

  /// Runs a process.
  ///
  /// @param launch command and environment
  /// @param directory where it starts
  /// @param log file for what it prints
  /// @param deadlineSeconds when it is ended
  /// @param tick called four times a second meanwhile, and once at the end
  /// @return how it ended
  public Outcome run(Launch launch, Path directory, Path log, long deadlineSeconds, Runnable tick) {
    Process process = start(launch, directory, log);
    long started = System.nanoTime();
    ProcessTree tree = new ProcessTree(process);
    synchronized (this) {
      running = tree;
      if (stopped) {
        tree.kill(0);
      }
    }
    boolean timedOut = false;
    try {
      while (!process.waitFor(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        tree.look();
        tick.run();
        if (System.nanoTime() - started > deadlineSeconds * 1_000_000_000L) {
          timedOut = true;
          tree.kill(GRACE_MILLIS);
          process.waitFor();
          break;
        }
      }
      long wallNs = System.nanoTime() - started;
      tick.run();
      int leftBehind = timedOut ? 0 : awaitHelpers(tree);
      throwIfStopped();
      return new Outcome(process.exitValue(), timedOut, leftBehind, wallNs);
    } catch (InterruptedException e) {
      tree.kill(0);
      throw new SuiteException(ExitCode.INTERRUPTED, "interrupted", e);
    } finally {
      synchronized (this) {
        running = null;
      }
    }
  }

  private static Process start(Launch launch, Path directory, Path log) {
    List<String> command = new ArrayList<>(ProcessTree.prefix());
    command.addAll(launch.command());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(launch.environment());
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(nullDevice()));
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      return builder.start();
    } catch (IOException e) {
      throw new SuiteException(
          Files.isWritable(log.toAbsolutePath().getParent())
              ? ExitCode.FRAMEWORK
              : ExitCode.INTERNAL,
          Files.isWritable(log.toAbsolutePath().getParent())
              ? "cannot start " + launch.command().getFirst() + ": " + e.getMessage()
              : DurableFile.unwritable(log, e),
          e);
    }
  }

  private static java.io.File nullDevice() {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    return new java.io.File(windows ? "NUL" : "/dev/null");
  }

  private static int awaitHelpers(ProcessTree tree) throws InterruptedException {
    long deadline = System.nanoTime() + AFTERLIFE_MILLIS * 1_000_000L;
    int left = tree.others().size();
    while (left > 0 && System.nanoTime() < deadline) {
      Thread.sleep(TICK_MILLIS);
      left = tree.others().size();
    }
    if (left > 0) {
      tree.kill(GRACE_MILLIS);
    }
    return left;
  }

  private synchronized void throwIfStopped() {
    if (stopped) {
      throw new SuiteException(ExitCode.INTERRUPTED, "interrupted");
    }
  }

  /// Ends what runs, from another thread; nothing starts afterwards.
  public synchronized void stop() {
    stopped = true;
    if (running != null) {
      running.kill(TICK_MILLIS);
    }
  }
}
