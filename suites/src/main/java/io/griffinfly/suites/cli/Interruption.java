package io.griffinfly.suites.cli;

import io.griffinfly.suites.run.RunDirectory;
import io.griffinfly.suites.run.RunExecutor;

/// Ctrl-C: ends the process of the moment and says how to go on. The JVM then exits with 128 plus
/// the signal's number, 130.
final class Interruption {
  private final Console console;
  private final RunDirectory directory;
  private final RunExecutor executor;
  private final Thread hook;
  private volatile boolean over;

  Interruption(Console console, RunDirectory directory, RunExecutor executor) {
    this.console = console;
    this.directory = directory;
    this.executor = executor;
    this.hook = new Thread(this::interrupted, "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void interrupted() {
    if (!over) {
      executor.stop();
      console.say("");
      console.say("griffinfly: interrupted; go on with ./run.sh --resume " + directory.id());
    }
  }

  /// The run has ended by itself.
  void over() {
    over = true;
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The JVM is on its way out: the hook runs, and does nothing or has done it all.
    }
  }
}
