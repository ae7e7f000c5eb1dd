package io.griffinfly.suites.report;

import io.griffinfly.suites.adapter.AdapterResult.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `--endurance`: the course of a long training, for people.
final class EnduranceTable {
  private static final List<String> HEADINGS =
      List.of("Steps", "s", "ms a step", "loss", "host MB", "device MB");

  private EnduranceTable() {}

  /// Tables of all long trainings; empty if there were none.
  static String render(Row row, Painter painter) {
    StringBuilder out = new StringBuilder();
    for (Map.Entry<String, Endured> each : Endured.of(row).entrySet()) {
      out.append('\n')
          .append(painter.strong(row.contender().label() + ", " + each.getKey() + ", endurance"))
          .append("\n\n")
          .append(grid(each.getValue().marks()).render(painter))
          .append(conclusion(each.getKey(), each.getValue()))
          .append('\n');
    }
    return out.toString();
  }

  private static Grid grid(List<Mark> marks) {
    List<List<Cell>> rows = new ArrayList<>();
    int steps = 0;
    long nanos = 0;
    for (Mark mark : marks) {
      double each = (mark.nanos() - nanos) / 1e6 / (mark.steps() - steps);
      rows.add(
          List.of(
              Cell.of(Integer.toString(mark.steps())),
              Cell.of(Quantity.number(mark.nanos() / 1e9)),
              Cell.of(Quantity.number(each)),
              Cell.of(Quantity.number(mark.loss())),
              megabytes(mark.hostBytes()),
              megabytes(mark.devicePeakBytes())));
      steps = mark.steps();
      nanos = mark.nanos();
    }
    return new Grid(HEADINGS, rows);
  }

  private static Cell megabytes(@Nullable Long bytes) {
    return bytes == null ? Cell.none() : Cell.of(Quantity.number(bytes / 1e6));
  }

  private static String conclusion(String name, Endured endured) {
    return name
        + (endured.flat() ? ": memory is flat" : ": MEMORY GREW")
        + " from a tenth of the steps to the last: host "
        + grown(endured.hostGrowth())
        + ", device "
        + grown(endured.deviceGrowth());
  }

  private static String grown(@Nullable Long bytes) {
    return bytes == null
        ? "unknown"
        : (bytes < 0 ? "-" : "+") + Quantity.number(Math.abs(bytes) / 1e6) + " MB";
  }
}
