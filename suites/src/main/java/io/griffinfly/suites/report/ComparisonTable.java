package io.griffinfly.suites.report;

import io.griffinfly.suites.plan.Metric;
import io.griffinfly.suites.plan.Plan;
import io.griffinfly.suites.run.UnitStatus;
import io.griffinfly.suites.stats.Ratio;
import io.griffinfly.suites.stats.Summary;
import io.griffinfly.suites.validate.Check;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The table that a run ends with, one for each case.
public final class ComparisonTable {
  private static final List<Metric> COLUMNS =
      Metric.ALL.stream().filter(metric -> metric.heading() != null).toList();

  private final String caseId;
  private final Plan plan;
  private final List<Row> rows;
  private final Map<Metric, Row> best = new HashMap<>();

  /// A table.
  ///
  /// @param caseId the case
  /// @param plan what was asked
  /// @param all rows of the run
  public ComparisonTable(String caseId, Plan plan, List<Row> all) {
    this.caseId = caseId;
    this.plan = plan;
    Metric leading = COLUMNS.getFirst();
    this.rows =
        all.stream()
            .filter(row -> row.caseId().equals(caseId))
            .sorted(Comparator.comparingDouble((Row row) -> value(row, leading)))
            .toList();
    for (Metric metric : COLUMNS) {
      rows.stream()
          .filter(row -> row.summary(metric).isPresent())
          .min(Comparator.comparingDouble(row -> value(row, metric)))
          .ifPresent(row -> best.put(metric, row));
    }
  }

  private static double value(Row row, Metric metric) {
    return row.summary(metric).map(Summary::value).orElse(Double.POSITIVE_INFINITY);
  }

  /// Prints the table.
  ///
  /// @param painter gives it its look
  /// @return several lines
  public String render(Painter painter) {
    StringBuilder out = new StringBuilder();
    out.append(painter.strong(caseId))
        .append("  ")
        .append(painter.faint(subtitle()))
        .append("\n\n");
    if (!rows.isEmpty()) {
      out.append(grid().render(painter));
    }
    for (Row row : rows) {
      row.message()
          .ifPresent(message ->
              out.append(painter.bad(row.contender().label()))
                  .append(": ")
                  .append(message)
                  .append('\n'));
      if (!row.flags().isEmpty()) {
        out.append(painter.faint(row.contender().label() + ": " + String.join(", ", row.flags())))
            .append('\n');
      }
    }
    for (Plan.Absent absent : plan.absent()) {
      if (absent.caseId().equals(caseId)) {
        out.append(painter.faint(absent.label() + " is absent: " + absent.reason())).append('\n');
      }
    }
    return out.toString();
  }

  private String subtitle() {
    var options = plan.options();
    String how =
        options.verifyOnly()
            ? "values only"
            : options.rounds()
                + (options.rounds() == 1 ? " process" : " processes")
                + " each, median "
                + (options.rounds() < 6
                    ? "with least and greatest, provisional"
                    : "with exact 95 % interval");
    return options.device() + ", " + options.threads() + " threads, " + how;
  }

  private Grid grid() {
    List<String> headings = new ArrayList<>(List.of("Framework", "Class"));
    for (Metric metric : columns()) {
      headings.add(heading(metric));
      if (metric.equals(COLUMNS.getFirst())) {
        headings.add("vs best");
      }
    }
    headings.addAll(List.of("relL2 out", "relL2 grad p95", "Verdict"));
    return new Grid(headings, rows.stream().map(this::cells).toList());
  }

  private static String heading(Metric metric) {
    String heading = String.valueOf(metric.heading());
    if (!metric.unit().equals("ms")) {
      return heading;
    }
    return heading + (metric.sampledProgram() == null ? " s" : " ms");
  }

  /// Times of iterations always; of the rest the columns in which some row has something to show.
  private List<Metric> columns() {
    return COLUMNS.stream()
        .filter(metric ->
            best.containsKey(metric)
                || (metric.sampledProgram() != null && !plan.options().verifyOnly()))
        .toList();
  }

  private List<Cell> cells(Row row) {
    List<Cell> cells = new ArrayList<>();
    boolean valid = row.status().goesOn();
    String label = row.contender().label();
    cells.add(
        new Cell(
            List.of(valid ? label : "~~" + label + "~~", version(row)),
            valid ? Cell.Style.PLAIN : Cell.Style.BAD));
    cells.add(row.precision().map(Cell::of).orElse(Cell.none()));
    for (Metric metric : columns()) {
      cells.add(metricCell(row, metric));
      if (metric.equals(COLUMNS.getFirst())) {
        cells.add(againstBest(row, metric));
      }
    }
    cells.add(Cell.of(Quantity.error(row.error(Check.Family.OUTPUTS, 1))));
    cells.add(Cell.of(Quantity.error(row.error(Check.Family.GRADIENTS, 0.95))));
    cells.add(verdict(row));
    return cells;
  }

  private static String version(Row row) {
    return row.report().map(report -> report.framework().version()).orElse("");
  }

  private Cell metricCell(Row row, Metric metric) {
    Optional<Summary> summary = row.summary(metric);
    if (summary.isEmpty()) {
      return row.status().goesOn() && metric.sampledProgram() != null
          ? new Cell(List.of("n/s"), Cell.Style.FAINT)
          : Cell.none();
    }
    List<String> lines = new ArrayList<>();
    double value = summary.get().value();
    // Compiling takes seconds.
    lines.add(
        metric.sampledProgram() == null && metric.unit().equals("ms")
            ? Quantity.number(value / 1000)
            : Quantity.of(value, metric.unit()));
    if (metric.sampledProgram() != null) {
      lines.add(Quantity.of(summary.get().interval()));
    }
    return new Cell(lines, leads(row, metric) ? Cell.Style.BEST : Cell.Style.PLAIN);
  }

  /// Only what has an interval is ranked: with fewer processes nothing is called the best.
  private boolean leads(Row row, Metric metric) {
    Row fastest = best.get(metric);
    if (fastest == null || metric.sampledProgram() == null || plan.options().rounds() < 6) {
      return false;
    }
    return row.equals(fastest) || row.ratio(metric, fastest).map(Ratio::tied).orElse(false);
  }

  private Cell againstBest(Row row, Metric metric) {
    @Nullable Row fastest = best.get(metric);
    if (fastest == null || row.summary(metric).isEmpty()) {
      return Cell.none();
    }
    return row.ratio(metric, fastest)
        .map(ratio -> Cell.of(Quantity.ratio(ratio.value())))
        .orElse(Cell.none());
  }

  private static Cell verdict(Row row) {
    UnitStatus status = row.status();
    return switch (status) {
      case OK -> new Cell(List.of("pass"), Cell.Style.GOOD);
      case UNVERIFIABLE, UNSUPPORTED -> new Cell(List.of(status.word()), Cell.Style.FAINT);
      case ERROR, TIMEOUT, BAD_CASE, INVALID, WRONG ->
          new Cell(List.of(status.word()), Cell.Style.BAD);
    };
  }
}
