package io.griffinfly.suites.adapter;

import io.griffinfly.suites.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The `progress.jsonl` of a unit, one event a line.
public final class ProgressFile implements AutoCloseable, Sampler.Listener {
  /// Name of the file in the unit's output folder.
  public static final String NAME = "progress.jsonl";

  /// Between two reports of samples; more would cost time beside short iterations.
  private static final long REPORT_NANOS = 200_000_000;

  private final Writer writer;
  private String program = "";
  private long reportedAt = System.nanoTime() - REPORT_NANOS;

  /// One event.
  ///
  /// @param phase load, compile, warmup, sample or outputs
  /// @param program which program; null outside
  /// @param done samples so far
  /// @param of samples in all
  /// @param lastNs nanoseconds of the latest iteration
  public record Event(
      String phase,
      @Nullable String program,
      @Nullable Integer done,
      @Nullable Integer of,
      @Nullable Long lastNs) {}

  /// Opens the file for appending.
  ///
  /// @param directory the unit's output folder
  /// @throws IOException if it cannot be written
  public ProgressFile(Path directory) throws IOException {
    writer = Files.newBufferedWriter(directory.resolve(NAME));
  }

  /// A phase begins.
  ///
  /// @param phase its name
  /// @param of the program that it is about; null for none
  public void phase(String phase, @Nullable String of) {
    program = of == null ? "" : of;
    append(new Event(phase, of, null, null, null));
  }

  @Override
  public void sampled(int done, int of, long nanos) {
    long now = System.nanoTime();
    if (done == of || now - reportedAt >= REPORT_NANOS) {
      reportedAt = now;
      append(new Event("sample", program, done, of, nanos));
    }
  }

  private void append(Event event) {
    try {
      writer.write(Json.line(event) + "\n");
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
