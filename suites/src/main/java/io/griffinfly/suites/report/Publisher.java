package io.griffinfly.suites.report;

import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.plan.Plan;
import io.griffinfly.suites.run.Journal;
import io.griffinfly.suites.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/// Publishes a run: copies what is worth keeping into `raw/<run_id>/` and makes the tables anew
/// from all that was ever published.
public final class Publisher {
  /// Folder of published runs.
  private static final String RAW = "raw";

  /// The tables.
  private static final String TABLES = "TABLES.md";

  private Publisher() {}

  /// Publishes a run.
  ///
  /// @param directory its folder
  /// @param results the project's results folder
  /// @return the folder that it was published to
  public static Path publish(RunDirectory directory, Path results) {
    Plan plan = Json.read(directory.plan(), Plan.class, ExitCode.INTERNAL);
    if (plan.options().mutant() != null || plan.options().caseDirectory() != null) {
      throw new SuiteException(
          ExitCode.USAGE,
          "run " + directory.id() + " is of a mutant or of a private case: not to be published");
    }
    if (!Journal.finished(directory.journal())) {
      throw new SuiteException(
          ExitCode.USAGE, "run " + directory.id() + " is not complete: --resume it first");
    }
    Path target = results.resolve(RAW).resolve(directory.id());
    Path partial = target.resolveSibling("." + directory.id() + ".partial");
    try {
      RunDirectory.delete(partial);
      copy(directory.path(), partial);
      RunDirectory.delete(target);
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(target, e), e);
    }
    List<ResultDocument> all = ResultFiles.readAll(results.resolve(RAW));
    DurableFile.write(results.resolve(TABLES), MarkdownTables.of(all));
    return target;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("results"));
    List<Path> files;
    try (Stream<Path> documents = Files.list(from.resolve("results"))) {
      files =
          Stream.concat(
                  Stream.of("plan.json", "environment.json", "results.csv").map(from::resolve),
                  documents)
              .map(from::relativize)
              .sorted()
              .toList();
    }
    StringBuilder sums = new StringBuilder();
    for (Path file : files) {
      Files.copy(from.resolve(file), to.resolve(file));
      sums.append(FileDigest.sha256(to.resolve(file)))
          .append("  ")
          .append(file.toString().replace('\\', '/'))
          .append('\n');
    }
    Files.writeString(to.resolve("SHA256SUMS"), sums);
  }
}
