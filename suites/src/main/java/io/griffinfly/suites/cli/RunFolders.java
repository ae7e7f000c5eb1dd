package io.griffinfly.suites.cli;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.run.Journal;
import io.griffinfly.suites.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Finds and names the folders of runs. Names begin with the time, so that they sort by it.
final class RunFolders {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private RunFolders() {}

  /// A folder for a new run.
  static RunDirectory fresh(Path folder) {
    byte[] suffix = new byte[2];
    new SecureRandom().nextBytes(suffix);
    String id = STAMP.format(Instant.now()) + "-" + HexFormat.of().formatHex(suffix);
    return new RunDirectory(folder.resolve(id));
  }

  /// The run to go on with.
  static RunDirectory resumable(Path folder, String asked) {
    if (!asked.isEmpty()) {
      RunDirectory named = new RunDirectory(folder.resolve(asked));
      if (!Files.isRegularFile(named.plan())) {
        throw new SuiteException(ExitCode.USAGE, "there is no run " + asked + " in " + folder);
      }
      return named;
    }
    return all(folder).stream()
        .filter(run -> !Journal.finished(run.journal()))
        .findFirst()
        .orElseThrow(() -> new SuiteException(ExitCode.USAGE, "no interrupted run in " + folder));
  }

  /// The latest run that came to its end.
  static RunDirectory complete(Path folder) {
    return all(folder).stream()
        .filter(run -> Journal.finished(run.journal()))
        .findFirst()
        .orElseThrow(() -> new SuiteException(ExitCode.USAGE, "no complete run in " + folder));
  }

  /// All runs, the latest first.
  private static List<RunDirectory> all(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(RunDirectory::new)
          .filter(run -> Files.isRegularFile(run.plan()))
          .sorted(Comparator.comparing(RunDirectory::id).reversed())
          .toList();
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(folder, e), e);
    }
  }
}
