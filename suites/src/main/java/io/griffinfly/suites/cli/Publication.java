package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.report.Publisher;
import io.griffinfly.suites.run.RunDirectory;
import java.nio.file.Path;

/// `--update`.
final class Publication {
  private Publication() {}

  static ExitCode latest(Console console, Workspace workspace, Path runs) {
    publish(console, workspace, RunFolders.complete(runs));
    return ExitCode.OK;
  }

  static void publish(Console console, Workspace workspace, RunDirectory directory) {
    Path published = Publisher.publish(directory, workspace.results());
    console.say("published " + published + ", tables in " + workspace.results());
  }
}
