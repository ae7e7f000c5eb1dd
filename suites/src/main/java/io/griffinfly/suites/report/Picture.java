package io.griffinfly.suites.report;

import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.plan.Metric;
import io.griffinfly.suites.stats.Interval;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// The times of a run as bars from zero, with the ends of their intervals, for each case and each
/// timed program: an SVG that is readable on light and dark pages. Bytes depend on the results
/// alone.
public final class Picture {
  private static final int WIDTH = 900;
  private static final int MARGIN = 20;
  private static final int LINE = 24;
  private static final int BARS = 250;
  private static final int BAR_WIDTH = 270;
  private static final int BAR_HEIGHT = 12;
  private static final int VALUES = 535;
  private static final int INTERVALS = 605;
  private static final int VERDICTS = 770;

  /// What fits between the margin and the bars.
  private static final int LABEL_CHARACTERS = 29;

  private static final String STYLE =
      """

      text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
      .page { fill: #ffffff } .strong { font-weight: bold } .faint { fill: #59636e }
      .struck { text-decoration: line-through } .good { fill: #116329 } .bad { fill: #b3261e }
      .own { fill: #2f6fdb } .peer { fill: #8c959f } .whisker { fill: #1f2328 }
      @media (prefers-color-scheme: dark) {
        text, .whisker { fill: #e6edf3 } .page { fill: #0d1117 } .faint { fill: #9198a1 }
        .good { fill: #56d364 } .bad { fill: #ff7b72 } .own { fill: #4c8dff } .peer { fill: #6e7681 }
      }
      """;

  private static final List<Metric> TIMED =
      Metric.ALL.stream().filter(metric -> metric.sampledProgram() != null).toList();

  private final SvgWriter svg;
  private double y = MARGIN;

  private Picture(SvgWriter svg) {
    this.svg = svg;
  }

  /// Draws a run.
  ///
  /// @param documents its results, of all contenders and cases
  /// @return an SVG document; empty if the run has no times
  public static Optional<String> of(List<ResultDocument> documents) {
    if (documents.stream().allMatch(document -> TIMED.stream().noneMatch(document::has))) {
      return Optional.empty();
    }
    List<String> cases =
        List.copyOf(new TreeSet<>(documents.stream().map(ResultDocument::caseId).toList()));
    int lines = 0;
    for (String caseId : cases) {
      lines += 4 + metrics(rows(documents, caseId)).size() * (2 + rows(documents, caseId).size());
    }
    String title = "Times of neural-network frameworks on " + String.join(", ", cases);
    Picture picture = new Picture(new SvgWriter(WIDTH, 2 * MARGIN + lines * LINE, title, STYLE));
    picture.svg.rectangle(0, 0, WIDTH, 2.0 * MARGIN + lines * LINE, "page");
    for (String caseId : cases) {
      picture.drawCase(rows(documents, caseId));
    }
    return Optional.of(picture.svg.finish());
  }

  /// The results of a case, the fastest forward first.
  private static List<ResultDocument> rows(List<ResultDocument> documents, String caseId) {
    return documents.stream()
        .filter(document -> document.caseId().equals(caseId))
        .sorted(
            Comparator.comparingDouble((ResultDocument document) ->
                    document
                        .metric(TIMED.getFirst())
                        .map(ResultDocument.Measured::value)
                        .orElse(Double.POSITIVE_INFINITY))
                .thenComparing(ResultDocument::label))
        .toList();
  }

  private static List<Metric> metrics(List<ResultDocument> rows) {
    return TIMED.stream().filter(metric -> rows.stream().anyMatch(row -> row.has(metric))).toList();
  }

  private void drawCase(List<ResultDocument> rows) {
    ResultDocument first = rows.getFirst();
    svg.text(MARGIN, nextLine(), "strong", first.caseId());
    svg.text(MARGIN, nextLine(), "faint", first.env().platform());
    svg.text(MARGIN, nextLine(), "faint", protocol(first));
    for (Metric metric : metrics(rows)) {
      y += LINE / 2.0;
      svg.text(MARGIN, nextLine(), "strong", metric.heading() + ", " + metric.unit());
      double longest =
          rows.stream()
              .flatMap(row -> row.metric(metric).stream())
              .mapToDouble(measured -> Math.max(measured.value(), measured.high()))
              .max()
              .orElse(1);
      rows.forEach(row -> drawRow(row, metric, BAR_WIDTH / longest));
      y += LINE / 2.0;
    }
    y += LINE;
  }

  private static String protocol(ResultDocument row) {
    var protocol = row.protocol();
    String how =
        protocol.processes() < 6
            ? "median, least and greatest of " + protocol.processes() + " processes, provisional"
            : "median of " + protocol.processes() + " processes, exact 95 % interval";
    return protocol.threads() + " threads, " + how + "; " + row.env().date();
  }

  private void drawRow(ResultDocument row, Metric metric, double pixelsPerUnit) {
    double baseline = nextLine();
    boolean valid = row.status().goesOn();
    svg.text(MARGIN, baseline, valid ? "label" : "label struck", label(row));
    var measured = row.metric(metric);
    if (measured.isPresent()) {
      ResultDocument.Measured found = measured.get();
      double top = baseline - BAR_HEIGHT + 2.0;
      boolean own = row.label().startsWith(PeerCatalog.OWN);
      svg.rectangle(
          BARS, top, found.value() * pixelsPerUnit, BAR_HEIGHT, "bar " + (own ? "own" : "peer"));
      double low = BARS + found.low() * pixelsPerUnit;
      double high = BARS + found.high() * pixelsPerUnit;
      svg.rectangle(low, top + BAR_HEIGHT / 2.0 - 1, high - low, 2, "whisker");
      Interval interval = new Interval(found.low(), found.high(), found.ciMethod());
      svg.text(VALUES, baseline, "strong", Quantity.of(found.value(), found.unit()));
      svg.text(INTERVALS, baseline, "faint", Quantity.of(interval));
    } else {
      svg.text(VALUES, baseline, "faint", valid ? "n/s" : "-");
    }
    var correctness = row.correctness();
    String precision = correctness == null ? null : correctness.precisionClass();
    String verdict = valid && row.status().word().equals("ok") ? "pass" : row.status().word();
    svg.text(
        VERDICTS,
        baseline,
        valid ? "good" : "bad",
        precision == null ? verdict : verdict + " " + precision);
  }

  private static String label(ResultDocument row) {
    var framework = row.framework();
    String text = framework == null ? row.label() : row.label() + " " + framework.version();
    return text.length() <= LABEL_CHARACTERS ? text : text.substring(0, LABEL_CHARACTERS - 1) + "…";
  }

  /// The baseline of the next line.
  private double nextLine() {
    y += LINE;
    return y - LINE / 3.0;
  }
}
