package io.griffinfly.suites;

import io.griffinfly.engine.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files of the harness: whole or not at all, in folders that are made for them, and what to tell
/// the user if they cannot be written.
public final class DurableFile {
  private DurableFile() {}

  /// Writes text under a name that appears only once all of it is on the disk.
  ///
  /// @param file where
  /// @param text what
  public static void write(Path file, String text) {
    try {
      write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, unwritable(file, e), e);
    }
  }

  /// Writes bytes under a name that appears only once all of them are on the disk.
  ///
  /// @param file where
  /// @param content what
  /// @throws IOException if it cannot be written; what was there is then as it was
  public static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    AtomicFile.write(file, content);
  }

  /// The line for a file that cannot be written.
  ///
  /// @param file where
  /// @param e why
  /// @return what to tell the user
  public static String unwritable(Path file, IOException e) {
    return "cannot write " + file + ": " + reason(e) + "; name another folder with --out";
  }

  /// Why the file system refused.
  ///
  /// @param e what it threw
  /// @return a few words
  public static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.AccessDeniedException _ -> "permission denied";
      case java.nio.file.NoSuchFileException _ -> "there is no such folder";
      case java.nio.file.FileAlreadyExistsException f -> f.getFile() + " is not a folder";
      case java.nio.file.FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
