package io.griffinfly.suites.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The append-only diary of a run, forced to the disk line by line.
public final class Journal implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  /// One line.
  ///
  /// @param event started, done, interrupted or finished
  /// @param unit which unit; null for the run
  /// @param status how it ended; null while it has not
  /// @param time UTC, RFC 3339
  public record Entry(
      String event, @Nullable String unit, @Nullable UnitStatus status, String time) {}

  /// Opens a journal, new or old.
  ///
  /// @param file where
  public Journal(Path file) {
    this.file = file;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(file, e), e);
    }
  }

  /// Adds a line.
  ///
  /// @param event what happened
  /// @param unit to which unit; null for the run
  /// @param status how it ended; null while it has not
  public void append(String event, @Nullable String unit, @Nullable UnitStatus status) {
    String line = Json.line(new Entry(event, unit, status, Instant.now().toString())) + "\n";
    try {
      ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(file, e), e);
    }
  }

  /// Units that a journal says are done. A last line that was cut off is no line.
  ///
  /// @param file the journal
  /// @return their names, in order
  public static Set<String> done(Path file) {
    Set<String> done = new LinkedHashSet<>();
    try {
      for (String line : Files.readString(file).split("\n", -1)) {
        Entry entry = parse(line);
        if (entry != null && entry.event().equals("done") && entry.unit() != null) {
          done.add(entry.unit());
        }
      }
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, "cannot read " + file + ": " + e.getMessage(), e);
    }
    return done;
  }

  /// Whether a journal says that its run has come to its end.
  ///
  /// @param file the journal
  /// @return whether there is nothing to resume
  public static boolean finished(Path file) {
    try {
      return Files.readAllLines(file).stream()
          .map(Journal::parse)
          .anyMatch(entry -> entry != null && entry.event().equals("finished"));
    } catch (IOException _) {
      return false;
    }
  }

  private static @Nullable Entry parse(String line) {
    try {
      return line.isBlank() ? null : Json.parse(line, Entry.class);
    } catch (JsonProcessingException _) {
      return null;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(file, e), e);
    }
  }
}
