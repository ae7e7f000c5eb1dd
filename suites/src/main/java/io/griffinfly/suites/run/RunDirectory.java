package io.griffinfly.suites.run;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.plan.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// The folder of a run: `plan.json`, `journal.jsonl`, `units/`, `logs/`, `results/`, and `work/`
/// while it goes on.
///
/// @param path the folder, named after the run
public record RunDirectory(Path path) {
  /// Names the run.
  ///
  /// @return its identity
  public String id() {
    return path.getFileName().toString();
  }

  /// The plan's file.
  ///
  /// @return plan.json
  public Path plan() {
    return path.resolve("plan.json");
  }

  /// The journal's file.
  ///
  /// @return journal.jsonl
  public Path journal() {
    return path.resolve("journal.jsonl");
  }

  /// The record of a unit.
  ///
  /// @param unit its name
  /// @return its file
  public Path unit(String unit) {
    return path.resolve("units").resolve(unit + ".json");
  }

  /// What a unit printed.
  ///
  /// @param unit its name
  /// @return its file
  public Path log(String unit) {
    return path.resolve("logs").resolve(unit + ".log");
  }

  /// The trace of `--trace`.
  ///
  /// @return trace.json, which is there once a framework has written one
  public Path trace() {
    return path.resolve("trace.json");
  }

  /// Where results go.
  ///
  /// @return a folder
  public Path results() {
    return path.resolve("results");
  }

  /// Files that are needed only while the run goes on: outputs, caches.
  ///
  /// @return a folder
  public Path work() {
    return path.resolve("work");
  }

  /// Makes the folder and writes the plan.
  ///
  /// @param plan what the run will do
  public void create(Plan plan) {
    try {
      Files.createDirectories(path.resolve("units"));
      Files.createDirectories(path.resolve("logs"));
      Files.createDirectories(work());
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(path, e), e);
    }
    DurableFile.write(plan(), Json.pretty(plan));
  }

  /// Deletes a folder with everything in it.
  ///
  /// @param folder may be missing
  public static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new SuiteException(
          ExitCode.INTERNAL, "cannot delete " + folder + ": " + e.getMessage(), e);
    }
  }
}
