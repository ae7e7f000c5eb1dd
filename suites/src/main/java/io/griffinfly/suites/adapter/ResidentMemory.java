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
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          String kibibytes = line.substring("VmHWM:".length()).replace("kB", "").strip();
          return Long.parseLong(kibibytes) * 1024;
        }
      }
    } catch (IOException | NumberFormatException _) {
      return null;
    }
    return null;
  }
}
