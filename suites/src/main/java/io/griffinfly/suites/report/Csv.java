package io.griffinfly.suites.report;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/// One line for each metric of each result, RFC 4180.
final class Csv {
  private static final String[] HEADER = {
    "run_id",
    "case",
    "case_sha256",
    "platform_id",
    "platform",
    "framework",
    "variant",
    "version",
    "backend",
    "device_kind",
    "threads",
    "precision",
    "exec_mode",
    "status",
    "verdict",
    "metric",
    "unit",
    "value",
    "ci_low",
    "ci_high",
    "ci_method",
    "n_proc",
    "n",
    "flags",
    "rel_l2",
    "grad_p95",
    "date"
  };

  private Csv() {}

  static String of(List<ResultDocument> documents) {
    StringBuilder out = new StringBuilder();
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader(HEADER).get();
    try (CSVPrinter printer = new CSVPrinter(out, format)) {
      for (ResultDocument document : documents) {
        for (var metric : document.metrics().entrySet()) {
          for (Object value : cells(document, metric.getKey(), metric.getValue())) {
            printer.print(safe(value));
          }
          printer.println();
        }
      }
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, "cannot write CSV: " + e.getMessage(), e);
    }
    return out.toString();
  }

  private static @Nullable Object[] cells(
      ResultDocument document, String name, ResultDocument.Measured metric) {
    var framework = document.framework();
    var device = document.device();
    var correctness = document.correctness();
    var outputs = correctness == null ? null : correctness.outputs();
    var gradients = correctness == null ? null : correctness.gradients();
    return new @Nullable Object[] {
      document.runId(),
      document.caseId(),
      document.caseSha256(),
      document.env().fingerprint(),
      document.env().platform(),
      document.label(),
      document.variant(),
      framework == null ? null : framework.version(),
      framework == null ? null : framework.backend(),
      device == null ? null : device.kind(),
      document.protocol().threads(),
      correctness == null ? null : correctness.precisionClass(),
      framework == null ? null : framework.execMode(),
      document.status().word(),
      correctness == null ? null : correctness.verdict(),
      name,
      metric.unit(),
      metric.value(),
      metric.low(),
      metric.high(),
      metric.ciMethod(),
      metric.nProc(),
      metric.n(),
      String.join(" ", document.flags()),
      outputs == null ? null : outputs.worst(),
      gradients == null ? null : gradients.p95(),
      document.env().date()
    };
  }

  /// A text that a spreadsheet would take for a formula gets an apostrophe before it.
  private static @Nullable Object safe(@Nullable Object value) {
    return value instanceof String text && !text.isEmpty() && "=+-@".indexOf(text.charAt(0)) >= 0
        ? "'" + text
        : value;
  }
}
