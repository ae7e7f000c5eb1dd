package io.griffinfly.suites.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.griffinfly.suites.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the exit status of an adapter's process means.
final class ExitStatuses {
  private static final int LONGEST_LINE = 300;

  private ExitStatuses() {}

  /// Where an adapter says why it failed.
  ///
  /// @param reason one line
  private record Reason(@Nullable String reason) {}

  /// The status of the unit.
  static UnitStatus meaning(int exitStatus) {
    return switch (exitStatus) {
      case 64 -> UnitStatus.UNSUPPORTED;
      case 65 -> UnitStatus.BAD_CASE;
      default -> UnitStatus.ERROR;
    };
  }

  /// One line: the adapter's own reason, else the end of what it printed.
  static String explain(int exitStatus, Path resultFile, Path log) {
    String meaning =
        switch (exitStatus) {
          case 64 -> "unsupported";
          case 65 -> "malformed case";
          case 69 -> "no such device";
          case 70 -> "internal error";
          case 71 -> "out of memory";
          case 75 -> "transient error, twice";
          default ->
              exitStatus > 128 ? "ended by signal " + (exitStatus - 128) : "exit " + exitStatus;
        };
    String reason = reason(resultFile);
    return meaning + ": " + (reason == null ? lastLine(log) : reason);
  }

  private static @Nullable String reason(Path resultFile) {
    try {
      Reason found = Json.parse(Files.readString(resultFile), Reason.class);
      return found == null || found.reason == null ? null : shorten(found.reason);
    } catch (JsonProcessingException _) {
      return null;
    } catch (IOException _) {
      return null;
    }
  }

  private static String lastLine(Path log) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), java.nio.charset.StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .toList();
      return lines.isEmpty() ? "it printed nothing" : shorten(lines.getLast());
    } catch (IOException _) {
      return "its log cannot be read";
    }
  }

  private static String shorten(String text) {
    String line = text.strip().lines().findFirst().orElse("");
    return line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…";
  }
}
