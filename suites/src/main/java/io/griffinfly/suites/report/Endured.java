package io.griffinfly.suites.report;

import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.Mark;
import io.griffinfly.suites.run.UnitRecord;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// `--endurance`: what a long training did to memory.
///
/// @param hostGrowth bytes that the process grew by from a tenth of the steps to the last; null if
///   unknown
/// @param deviceGrowth the same of the most bytes on the device; null if unknown or on a CPU
/// @param flat whether memory grew by no more than noise
/// @param marks how it went
public record Endured(
    @Nullable Long hostGrowth, @Nullable Long deviceGrowth, boolean flat, List<Mark> marks) {
  /// What a collector that is in no hurry, and the code that a JVM still compiles, may add.
  private static final double NOISE = 0.05;

  private static final long NOISE_BYTES = 64 << 20;

  /// Trainings of a row's latest process that had any, by program.
  ///
  /// @param row what a contender came to
  static Map<String, Endured> of(Row row) {
    return row.records().reversed().stream()
        .map(UnitRecord::result)
        .filter(Objects::nonNull)
        .map(Endured::of)
        .filter(found -> !found.isEmpty())
        .findFirst()
        .orElse(Map.of());
  }

  private static Map<String, Endured> of(AdapterResult report) {
    Map<String, Endured> found = new TreeMap<>();
    Map<String, AdapterResult.ProgramTimes> times = report.programs();
    if (times != null) {
      times.forEach((name, program) -> {
        List<Mark> marks = program.endurance();
        if (marks != null && !marks.isEmpty()) {
          found.put(name, of(marks));
        }
      });
    }
    return found;
  }

  static Endured of(List<Mark> marks) {
    // The first mark is that of the first step: what is allocated lazily comes after it.
    Mark begin = marks.get(Math.min(1, marks.size() - 1));
    Mark end = marks.getLast();
    Optional<Long> host = growth(begin, end, Mark::hostBytes);
    Optional<Long> device = growth(begin, end, Mark::devicePeakBytes);
    Long bytes = begin.hostBytes();
    double most = Math.max(NOISE_BYTES, NOISE * (bytes == null ? 0 : bytes));
    boolean flat = host.orElse(0L) <= most && device.orElse(0L) <= 0;
    return new Endured(host.orElse(null), device.orElse(null), flat, List.copyOf(marks));
  }

  private static Optional<Long> growth(Mark begin, Mark end, Function<Mark, @Nullable Long> bytes) {
    Long from = bytes.apply(begin);
    Long to = bytes.apply(end);
    return from == null || to == null ? Optional.empty() : Optional.of(to - from);
  }
}
