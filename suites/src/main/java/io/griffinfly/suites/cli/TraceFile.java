package io.griffinfly.suites.cli;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.run.RunDirectory;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The file of `--trace`. A framework leaves its trace in the run's folder, from where it is copied
/// once the run is over, so that the file asked for is a whole trace or not there.
final class TraceFile {
  private TraceFile() {}

  /// Refuses a place that cannot be written, before minutes have been spent on what would go there.
  static void check(String file) {
    Path path = Path.of(file);
    Path folder = path.toAbsolutePath().getParent();
    try {
      if (Files.isDirectory(path)) {
        throw new FileSystemException(file, null, "it is a folder");
      }
      Files.createDirectories(folder);
      // Permissions do not tell all: a file system may be mounted read-only, or take no files.
      Files.delete(Files.createTempFile(folder, "griffinfly", ".partial"));
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  /// Copies the trace of a run to where it was asked for.
  ///
  /// @return whether there was one
  static boolean publish(Console console, RunDirectory run, String file) {
    if (!Files.isRegularFile(run.trace())) {
      console.say("griffinfly: no trace: none of these frameworks wrote one");
      return false;
    }
    Path path = Path.of(file);
    try {
      DurableFile.write(path, Files.readAllBytes(run.trace()));
    } catch (IOException e) {
      throw unwritable(path, e);
    }
    console.say("trace in " + path + ", for https://ui.perfetto.dev");
    return true;
  }

  private static SuiteException unwritable(Path path, IOException e) {
    return new SuiteException(
        ExitCode.INTERNAL, "cannot write " + path + ": " + DurableFile.reason(e), e);
  }
}
