package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.report.Picture;
import io.griffinfly.suites.report.Publisher;
import io.griffinfly.suites.report.ResultFiles;
import io.griffinfly.suites.run.RunDirectory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// `--update` and `--picture`: what is made of a run that is complete.
final class Publication {
  private Publication() {}

  /// Makes it of the latest complete run.
  static ExitCode latest(Console console, Workspace workspace, SuiteCommand command) {
    RunDirectory directory = RunFolders.complete(command.runsFolder(workspace));
    Path picture = command.picture;
    boolean drawn =
        picture == null
            || draw(console, picture, Picture.of(ResultFiles.readAll(directory.path())));
    if (command.update) {
      publish(console, workspace, directory);
    }
    return drawn ? ExitCode.OK : ExitCode.FRAMEWORK;
  }

  static void publish(Console console, Workspace workspace, RunDirectory directory) {
    Path published = Publisher.publish(directory, workspace.results());
    console.say("published " + published + ", tables in " + workspace.results());
  }

  /// Writes a picture.
  ///
  /// @return whether there was one
  static boolean draw(Console console, Path file, Optional<String> svg) {
    if (svg.isEmpty()) {
      console.say("griffinfly: no picture: this run has no times");
      return false;
    }
    OutputFile.write(file, svg.get().getBytes(StandardCharsets.UTF_8));
    console.say("picture in " + file);
    return true;
  }
}
