package io.griffinfly.suites.report;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.cases.CaseBundle;
import io.griffinfly.suites.plan.Plan;
import io.griffinfly.suites.run.RunDirectory;
import io.griffinfly.suites.run.UnitRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What a run came to: its result files, and what the user sees of them.
public final class RunReport {
  private static final String ENVIRONMENT = "environment.json";

  private final String runId;
  private final Plan plan;
  private final List<Row> rows;
  private final List<ResultDocument> documents;

  private RunReport(String runId, Plan plan, List<Row> rows, List<ResultDocument> documents) {
    this.runId = runId;
    this.plan = plan;
    this.rows = rows;
    this.documents = documents;
  }

  /// Keeps what the machine was when the run began.
  ///
  /// @param directory the run's folder
  /// @param environment the machine
  public static void keep(RunDirectory directory, Environment environment) {
    DurableFile.write(directory.path().resolve(ENVIRONMENT), Json.pretty(environment));
  }

  /// Writes all result files of a run.
  ///
  /// @param directory the run's folder
  /// @param plan what was to be done
  /// @param bundles its cases
  /// @param records what was done
  /// @return the report
  public static RunReport write(
      RunDirectory directory, Plan plan, List<CaseBundle> bundles, List<UnitRecord> records) {
    Environment environment =
        Json.read(directory.path().resolve(ENVIRONMENT), Environment.class, ExitCode.INTERNAL);
    Map<String, String> digests = new LinkedHashMap<>();
    bundles.forEach(bundle -> digests.put(bundle.description().id(), bundle.sha256()));
    List<Row> rows = Row.of(records);
    List<ResultDocument> documents = new ArrayList<>();
    for (Row row : rows) {
      String digest = Objects.requireNonNull(digests.get(row.caseId()));
      documents.add(ResultDocument.of(directory.id(), row, plan, digest, environment));
    }
    ResultFiles.write(directory, documents);
    return new RunReport(directory.id(), plan, rows, documents);
  }

  /// The tables.
  ///
  /// @param painter gives them their look
  /// @return several lines
  public String text(Painter painter) {
    StringBuilder out = new StringBuilder();
    for (String each : plan.cases()) {
      String caseId = each.substring(0, each.lastIndexOf(' '));
      if (!out.isEmpty()) {
        out.append('\n');
      }
      out.append(new ComparisonTable(caseId, plan, rows).render(painter));
      for (Row row : rows) {
        if (row.caseId().equals(caseId)) {
          out.append(KernelTable.render(row, painter));
          out.append(EnduranceTable.render(row, painter));
        }
      }
    }
    return out.toString();
  }

  /// Whether no long training made memory grow.
  ///
  /// @return true if there was none
  public boolean isFlat() {
    return rows.stream().flatMap(row -> Endured.of(row).values().stream()).allMatch(Endured::flat);
  }

  /// The times as a picture.
  ///
  /// @return an SVG document; empty if there are none
  public Optional<String> picture() {
    return Picture.of(documents);
  }

  /// The whole run as one JSON document.
  ///
  /// @param runId the run
  /// @param exitCode what the command ends with
  /// @param results one for each contender and case
  /// @param absent frameworks that did not take part
  private record Document(
      String runId, int exitCode, List<ResultDocument> results, List<Plan.Absent> absent) {}

  /// The results as JSON.
  ///
  /// @param exitCode what the command ends with
  /// @return one document
  public String json(ExitCode exitCode) {
    return Json.pretty(new Document(runId, exitCode.number(), documents, plan.absent()));
  }
}
