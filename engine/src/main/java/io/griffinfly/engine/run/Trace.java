package io.griffinfly.engine.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.griffinfly.engine.io.AtomicFile;
import io.griffinfly.engine.kernel.Work;
import io.griffinfly.engine.plan.Executable;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What happened when, for a person to look at: spans on tracks, written in the Trace Event Format
/// that [Perfetto](https://ui.perfetto.dev) opens. A span that lies within another on the same
/// track is shown under it.
///
/// ```
/// Trace trace = new Trace("my program");
/// trace.record("forward", "run", () -> session.run(trace.kernels("forward")));
/// trace.write(Path.of("trace.json"));
/// ```
///
/// Belongs to one thread at a time.
public final class Trace {
  /// The format's unit is the microsecond; three decimals keep every nanosecond.
  private static final int MICRO_DECIMALS = 3;

  private static final int PROCESS = 1;

  private final String process;
  private final List<Span> spans = new ArrayList<>();

  /// Something that took time.
  ///
  /// @param track the row that it is drawn in, such as a program's name
  /// @param name what it was
  /// @param startNanos when it began, on the clock of [System#nanoTime]
  /// @param elapsedNanos how long it took
  /// @param figures numbers to show beside it, by name
  public record Span(
      String track, String name, long startNanos, long elapsedNanos, Map<String, Double> figures) {
    /// Copies the figures.
    public Span {
      figures = Map.copyOf(figures);
    }
  }

  /// An empty trace.
  ///
  /// @param process the name over all tracks
  public Trace(String process) {
    this.process = process;
  }

  /// Adds a span.
  ///
  /// @param span what happened
  public void add(Span span) {
    spans.add(span);
  }

  /// Adds the spans of another trace.
  ///
  /// @param other which
  public void addAll(Trace other) {
    spans.addAll(other.spans);
  }

  /// Does something and adds what it took.
  ///
  /// @param track the row that it is drawn in
  /// @param name what it is
  /// @param action is run once
  public void record(String track, String name, Runnable action) {
    long start = System.nanoTime();
    action.run();
    add(new Span(track, name, start, System.nanoTime() - start, Map.of()));
  }

  /// A listener that adds each kernel by its label, with its floating-point operations and bytes.
  ///
  /// @param track the row that they are drawn in
  /// @return the listener, for [Session#run(Executable.Listener)]
  public Executable.Listener kernels(String track) {
    return (step, startNanos, elapsedNanos) -> {
      Work work = Work.of(step.spec());
      add(
          new Span(
              track,
              step.spec().label(),
              startNanos,
              elapsedNanos,
              Map.of("flops", work.flops(), "bytes", work.bytes())));
    };
  }

  /// Options under which each phase of the optimizer is added; it reports itself when it ends.
  ///
  /// @param track the row that they are drawn in
  /// @param options how to compile otherwise
  /// @return the options with the listener
  public CompilerOptions passes(String track, CompilerOptions options) {
    return options.withReports(report -> {
      long end = System.nanoTime();
      add(
          new Span(
              track,
              "optimizer " + report.phase(),
              end - report.elapsedNanos(),
              report.elapsedNanos(),
              Map.of(
                  "nodesBefore",
                  (double) report.nodesBefore(),
                  "nodesAfter",
                  (double) report.nodesAfter())));
      options.reports().accept(report);
    });
  }

  /// Writes everything, in order of time; the earliest span begins at 0.
  ///
  /// @param file appears only once all of it is on the disk
  /// @throws IOException if it cannot be written; what was there is then as it was
  public void write(Path file) throws IOException {
    try (AtomicFile whole = AtomicFile.create(file);
        OutputStream out = Channels.newOutputStream(whole.channel());
        JsonGenerator json = new JsonFactory().createGenerator(out)) {
      write(json);
      json.flush();
      whole.commit();
    }
  }

  private void write(JsonGenerator json) throws IOException {
    Map<String, Integer> tracks = new LinkedHashMap<>();
    spans.forEach(span -> tracks.putIfAbsent(span.track, tracks.size() + 1));
    long origin = spans.stream().mapToLong(Span::startNanos).min().orElse(0);
    json.writeStartObject();
    json.writeStringField("displayTimeUnit", "ms");
    json.writeArrayFieldStart("traceEvents");
    name(json, "process_name", 0, process);
    for (Map.Entry<String, Integer> track : tracks.entrySet()) {
      name(json, "thread_name", track.getValue(), track.getKey());
    }
    // Of two spans that begin together the longer holds the other.
    Comparator<Span> order =
        Comparator.comparingLong(Span::startNanos)
            .thenComparing(Comparator.comparingLong(Span::elapsedNanos).reversed());
    for (Span span : spans.stream().sorted(order).toList()) {
      span(json, span, tracks.getOrDefault(span.track, 0), origin);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /// A metadata event: the name of the process or of a track.
  private static void name(JsonGenerator json, String kind, int track, String name)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("ph", "M");
    json.writeStringField("name", kind);
    json.writeNumberField("pid", PROCESS);
    json.writeNumberField("tid", track);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }

  /// A complete event.
  private static void span(JsonGenerator json, Span span, int track, long origin)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("ph", "X");
    json.writeStringField("name", span.name);
    json.writeNumberField("pid", PROCESS);
    json.writeNumberField("tid", track);
    json.writeNumberField("ts", BigDecimal.valueOf(span.startNanos - origin, MICRO_DECIMALS));
    json.writeNumberField("dur", BigDecimal.valueOf(span.elapsedNanos, MICRO_DECIMALS));
    json.writeObjectFieldStart("args");
    for (String name : span.figures.keySet().stream().sorted().toList()) {
      json.writeNumberField(name, BigDecimal.valueOf(span.figures.getOrDefault(name, 0.0)));
    }
    json.writeEndObject();
    json.writeEndObject();
  }
}
