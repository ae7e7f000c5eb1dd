package io.griffinfly.suites.peers;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Asks a peer's own command whether it is ready.
final class ReadyCommand {
  /// Such a command looks around; it loads nothing.
  private static final long DEADLINE_SECONDS = 20;

  private ReadyCommand() {}

  /// Runs it.
  ///
  /// @param command program and arguments
  /// @return whether it ended in time with status 0
  static boolean succeeds(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      try {
        return process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
