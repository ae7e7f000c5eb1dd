package io.griffinfly.suites.cli;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The file of `--trace`. A framework leaves its trace in the run's folder, from where it is copied
/// once the run is over, so that the file asked for is a whole trace or not there.
final class TraceFile {
  private TraceFile() {}

  /// Copies the trace of a run to where it was asked for.
  ///
  /// @return whether there was one
  static boolean publish(Console console, RunDirectory run, String file) {
    if (!Files.isRegularFile(run.trace())) {
      console.say("griffinfly: no trace: none of these frameworks wrote one");
      return false;
    }
    Path path = Path.of(file);
    OutputFile.write(path, read(run.trace()));
    console.say("trace in " + path + ", for https://ui.perfetto.dev");
    return true;
  }

  private static byte[] read(Path trace) {
    try {
      return Files.readAllBytes(trace);
    } catch (IOException e) {
      throw new SuiteException(
          ExitCode.INTERNAL, "cannot read " + trace + ": " + DurableFile.reason(e), e);
    }
  }
}
