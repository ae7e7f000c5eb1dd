package io.griffinfly.suites.cli;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file that the user names for one artefact, such as a trace or a picture.
final class OutputFile {
  private OutputFile() {}

  /// Refuses a place that cannot be written, before minutes have been spent on what would go there.
  static void check(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    try {
      if (Files.isDirectory(file)) {
        throw new FileSystemException(file.toString(), null, "it is a folder");
      }
      Files.createDirectories(folder);
      // Permissions do not tell all: a file system may be mounted read-only, or take no files.
      Files.delete(Files.createTempFile(folder, "griffinfly", ".tmp"));
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /// Writes it, whole or not at all.
  static void write(Path file, byte[] content) {
    try {
      DurableFile.write(file, content);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static SuiteException unwritable(Path file, IOException e) {
    return new SuiteException(
        ExitCode.INTERNAL, "cannot write " + file + ": " + DurableFile.reason(e), e);
  }
}
