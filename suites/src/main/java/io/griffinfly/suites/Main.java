package io.griffinfly.suites;

import io.griffinfly.suites.cli.SuiteCommand;

/// The benchmark's entry point.
public final class Main {
  private Main() {}

  /// Runs the command and exits with its code.
  ///
  /// @param arguments the command line
  public static void main(String[] arguments) {
    System.exit(SuiteCommand.execute(arguments));
  }
}
