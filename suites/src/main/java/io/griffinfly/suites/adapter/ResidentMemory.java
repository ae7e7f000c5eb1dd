package io.griffinfly.suites.adapter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Resident memory of a process, as Linux counts it.
final class ResidentMemory {
  private ResidentMemory() {}

  /// The most that this process has had resident so far: `VmHWM` of proc(5).
  ///
  /// @return bytes; null where the system does not say
  static @Nullable Long peakBytes() {
    return bytes("VmHWM:");
  }

  /// What this process has resident now: `VmRSS` of proc(5).
  ///
  /// @return bytes; null where the system does not say
  static @Nullable Long bytes() {
    return bytes("VmRSS:");
  }

  private static @Nullable Long bytes(String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(field)) {
          String kibibytes = line.substring(field.length()).replace("kB", "").strip();
          return Long.parseLong(kibibytes) * 1024;
        }
      }
    } catch (IOException | NumberFormatException _) {
      return null;
    }
    return null;
  }
}
