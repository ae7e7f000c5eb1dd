package io.griffinfly.suites.report;

import io.griffinfly.suites.run.UnitStatus;
import io.griffinfly.suites.stats.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The published tables: for each case the seven columns that kvark/inferena has, and one with
/// intervals and errors. Bytes depend on the results alone: no date, no order of files.
final class MarkdownTables {
  private MarkdownTables() {}

  static String of(List<ResultDocument> all) {
    StringBuilder out = new StringBuilder("# Results\n\n");
    out.append(
        "Made by `./run.sh --update` from `raw/`; do not edit. ~~Struck~~: values are wrong.\n");
    for (String caseId : new TreeSet<>(all.stream().map(ResultDocument::caseId).toList())) {
      List<ResultDocument> ofCase =
          all.stream().filter(each -> each.caseId().equals(caseId)).toList();
      String current = newest(ofCase).caseSha256();
      List<ResultDocument> rows = merge(ofCase, current, true);
      List<ResultDocument> superseded = merge(ofCase, current, false);
      out.append("\n## ").append(caseId).append("\n\n").append(overview(rows));
      out.append('\n').append(detail(rows));
      if (!superseded.isEmpty()) {
        out.append("\nSuperseded, on an older version of the case:\n\n").append(detail(superseded));
      }
    }
    return out.toString();
  }

  private static ResultDocument newest(List<ResultDocument> documents) {
    return documents.stream().max(Comparator.comparing(ResultDocument::runId)).orElseThrow();
  }

  /// The latest result of each exact key.
  private static List<ResultDocument> merge(
      List<ResultDocument> documents, String caseSha256, boolean current) {
    Map<String, ResultDocument> latest = new TreeMap<>();
    documents.stream()
        .filter(each -> each.caseSha256().equals(caseSha256) == current)
        .sorted(Comparator.comparing(ResultDocument::runId))
        .forEach(each -> latest.put(key(each), each));
    return List.copyOf(latest.values());
  }

  /// What a later result replaces: one of the same contender on the same devices.
  private static String key(ResultDocument document) {
    return String.join(
        "|",
        platform(document),
        document.env().fingerprint(),
        document.label(),
        document.caseSha256());
  }

  private static String platform(ResultDocument document) {
    var device = document.device();
    String own = device == null || device.kind().equals("cpu") ? "" : device.name() + ", ";
    return own
        + document.env().platform()
        + ", "
        + document.protocol().deviceAsked()
        + ", "
        + document.protocol().threads()
        + " threads";
  }

  private static String overview(List<ResultDocument> rows) {
    List<List<String>> cells = new ArrayList<>();
    for (ResultDocument row : rows) {
      cells.add(
          List.of(
              platform(row),
              name(row),
              seconds(row, "compile_cold_ms"),
              value(row, "forward_ms"),
              value(row, "latency_ms"),
              value(row, "train_sgd_ms"),
              loss(row)));
    }
    return table(
        List.of(
            "Platform",
            "Framework",
            "Compile (s)",
            "Inference (ms)",
            "Latency (ms)",
            "Training (ms)",
            "Loss"),
        cells);
  }

  private static String detail(List<ResultDocument> rows) {
    List<List<String>> cells = new ArrayList<>();
    for (ResultDocument row : rows) {
      var correctness = row.correctness();
      var outputs = correctness == null ? null : correctness.outputs();
      var gradients = correctness == null ? null : correctness.gradients();
      cells.add(
          List.of(
              platform(row),
              name(row) + " " + version(row),
              correctness == null || correctness.precisionClass() == null
                  ? "-"
                  : correctness.precisionClass(),
              interval(row, "forward_ms"),
              interval(row, "latency_ms"),
              interval(row, "train_sgd_ms"),
              seconds(row, "compile_cold_ms") + " / " + seconds(row, "compile_warm_ms"),
              value(row, "host_peak_mb"),
              row.metrics().containsKey("device_peak_mb") ? value(row, "device_peak_mb") : "-",
              Quantity.error(outputs == null ? null : outputs.worst()),
              Quantity.error(gradients == null ? null : gradients.p95()),
              row.flags().isEmpty() ? row.status().word() : String.join(", ", row.flags())));
    }
    return table(
        List.of(
            "Platform",
            "Framework",
            "Class",
            "Forward ms",
            "Latency ms",
            "Train step ms",
            "Compile cold / warm s",
            "Peak memory",
            "On device",
            "relL2 out",
            "relL2 grad p95",
            "Flags"),
        cells);
  }

  private static String name(ResultDocument row) {
    return row.status() == UnitStatus.WRONG || row.status() == UnitStatus.INVALID
        ? "~~" + row.label() + "~~"
        : row.label();
  }

  private static String version(ResultDocument row) {
    var framework = row.framework();
    return framework == null ? "" : framework.version();
  }

  private static String value(ResultDocument row, String metric) {
    ResultDocument.Measured measured = row.metrics().get(metric);
    if (measured == null) {
      return row.status().goesOn() ? "n/s" : row.status().word();
    }
    return Quantity.of(measured.value(), measured.unit());
  }

  private static String seconds(ResultDocument row, String metric) {
    ResultDocument.Measured measured = row.metrics().get(metric);
    return measured == null ? value(row, metric) : Quantity.number(measured.value() / 1000);
  }

  private static String interval(ResultDocument row, String metric) {
    ResultDocument.@Nullable Measured measured = row.metrics().get(metric);
    if (measured == null) {
      return value(row, metric);
    }
    Interval interval = new Interval(measured.low(), measured.high(), measured.ciMethod());
    String mark = measured.ciMethod() == Interval.Method.RANGE ? " provisional" : "";
    return value(row, metric) + " " + Quantity.of(interval) + mark;
  }

  private static String loss(ResultDocument row) {
    var correctness = row.correctness();
    List<Double> steps = correctness == null ? null : correctness.losses().get("train_sgd/loss");
    return steps == null || steps.isEmpty() ? "-" : Quantity.number(steps.getFirst());
  }

  private static String table(List<String> headings, List<List<String>> rows) {
    StringBuilder out = new StringBuilder();
    append(headings, out);
    append(headings.stream().map(_ -> "---").toList(), out);
    rows.forEach(row -> append(row, out));
    return out.toString();
  }

  private static void append(List<String> cells, StringBuilder out) {
    List<String> safe = new ArrayList<>();
    for (String cell : cells) {
      safe.add(cell.replace("|", "\\|").replace("\n", " "));
    }
    out.append("| ").append(String.join(" | ", safe)).append(" |\n");
  }
}
