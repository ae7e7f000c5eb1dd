package io.griffinfly.suites.report;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Writes and reads the results of a run.
public final class ResultFiles {
  private ResultFiles() {}

  /// Writes each document to a file of its own, and all metrics to `results.csv`.
  ///
  /// @param directory the run's folder
  /// @param documents what to write
  public static void write(RunDirectory directory, List<ResultDocument> documents) {
    for (ResultDocument document : documents) {
      DurableFile.write(directory.results().resolve(name(document)), Json.pretty(document));
    }
    DurableFile.write(directory.path().resolve("results.csv"), Csv.of(documents));
  }

  /// The file name of a document.
  ///
  /// @param document which
  /// @return a name without characters that some system refuses
  static String name(ResultDocument document) {
    String label = document.unitId().substring(document.runId().length() + 1);
    return label.replaceAll("[^A-Za-z0-9@._-]", "_") + ".json";
  }

  /// Reads all documents below a folder.
  ///
  /// @param folder with result files in `results` folders; may be missing
  /// @return the documents, by file name
  public static List<ResultDocument> readAll(Path folder) {
    List<ResultDocument> documents = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return documents;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(ResultFiles::isResult).sorted().toList()) {
        documents.add(Json.read(file, ResultDocument.class, ExitCode.INTERNAL));
      }
    } catch (IOException e) {
      throw new SuiteException(
          ExitCode.INTERNAL, "cannot read " + folder + ": " + e.getMessage(), e);
    }
    return documents;
  }

  private static boolean isResult(Path file) {
    Path parent = file.getParent();
    return file.toString().endsWith(".json") && parent != null && parent.endsWith("results");
  }
}
