package io.griffinfly.suites.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.adapter.ProgressFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Follows a progress file as a process appends to it.
final class ProgressTail {
  private final Path file;
  private long position;

  ProgressTail(Path file) {
    this.file = file;
  }

  /// Whole lines since the last call; what is no event is passed over, as progress is optional.
  List<ProgressFile.Event> read() {
    List<ProgressFile.Event> events = new ArrayList<>();
    if (!file.toFile().isFile()) {
      return events;
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(position);
      byte[] bytes = new byte[(int) Math.min(1 << 16, in.length() - position)];
      in.readFully(bytes);
      String text = new String(bytes, StandardCharsets.UTF_8);
      int end = text.lastIndexOf('\n');
      if (end < 0) {
        return events;
      }
      position += text.substring(0, end + 1).getBytes(StandardCharsets.UTF_8).length;
      for (String line : text.substring(0, end).split("\n", -1)) {
        parse(line, events);
      }
    } catch (IOException _) {
      return events;
    }
    return events;
  }

  private static void parse(String line, List<ProgressFile.Event> events) {
    try {
      ProgressFile.Event event = Json.parse(line, ProgressFile.Event.class);
      if (event != null) {
        events.add(event);
      }
    } catch (JsonProcessingException _) {
      // Not an event of ours.
    }
  }
}
