package io.griffinfly.suites.report;

import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.KernelTime;
import io.griffinfly.suites.adapter.AdapterResult.Peak;
import io.griffinfly.suites.run.UnitRecord;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `--kernels`: what each kernel of a contender took, against what the machine can do.
///
/// @param peak the machine; null if the framework did not measure it
/// @param programs by program
public record Kernels(@Nullable Peak peak, Map<String, Program> programs) {
  /// The kernels of one iteration of a program, run one at a time.
  ///
  /// @param nanos nanoseconds of all of them
  /// @param flops floating-point operations of all of them
  /// @param flopFloorNanos nanoseconds that the operations take at the machine's peak rate; null
  ///   without one
  /// @param ofFlopFloor that floor over the time, 1 at the peak; null without one
  /// @param barriers how often an iteration waits until everything before has ended; null if
  ///   unknown
  /// @param barrierFloorNanos nanoseconds that so many kernels take that do nothing; null if
  ///   unknown
  /// @param kernels each, the most expensive first
  public record Program(
      double nanos,
      double flops,
      @Nullable Double flopFloorNanos,
      @Nullable Double ofFlopFloor,
      @Nullable Integer barriers,
      @Nullable Double barrierFloorNanos,
      List<Kernel> kernels) {}

  /// A kernel.
  ///
  /// @param name for people
  /// @param calls times that one iteration runs it
  /// @param nanos nanoseconds of all calls
  /// @param flops floating-point operations of all calls
  /// @param bytes bytes that all calls must move
  /// @param ofPeak the least time that operations and bytes allow over the time taken: 1 at the
  ///   limit, more where operands came from a cache, which the limit of memory does not bind; null
  ///   without a peak
  /// @param ofFlopPeak the same of its operations alone, never more than 1 at a right peak
  public record Kernel(
      String name,
      long calls,
      double nanos,
      double flops,
      double bytes,
      @Nullable Double ofPeak,
      @Nullable Double ofFlopPeak) {
    private static Kernel of(KernelTime time, @Nullable Peak peak) {
      return new Kernel(
          time.name(),
          time.calls(),
          time.nanos(),
          time.flops(),
          time.bytes(),
          peak == null ? null : peak.floorNanos(time) / time.nanos(),
          peak == null ? null : peak.flopFloorNanos(time) / time.nanos());
    }
  }

  /// The kernels of a row, as its last process that timed any did.
  ///
  /// @param row what a contender came to
  /// @return empty if no kernel was timed
  static Optional<Kernels> of(Row row) {
    return row.records().reversed().stream()
        .map(UnitRecord::result)
        .filter(Objects::nonNull)
        .flatMap(result -> of(result).stream())
        .findFirst();
  }

  private static Optional<Kernels> of(AdapterResult report) {
    Map<String, Program> programs = new TreeMap<>();
    Map<String, AdapterResult.ProgramTimes> times = report.programs();
    if (times != null) {
      times.forEach((name, program) -> {
        List<KernelTime> kernels = program.kernels();
        if (kernels != null && !kernels.isEmpty()) {
          programs.put(name, program(kernels, program.barriers(), report.peak()));
        }
      });
    }
    return programs.isEmpty()
        ? Optional.empty()
        : Optional.of(new Kernels(report.peak(), programs));
  }

  private static Program program(
      List<KernelTime> times, @Nullable Integer barriers, @Nullable Peak peak) {
    double nanos = times.stream().mapToDouble(KernelTime::nanos).sum();
    double flops = times.stream().mapToDouble(KernelTime::flops).sum();
    Double floor = peak == null ? null : times.stream().mapToDouble(peak::flopFloorNanos).sum();
    Double barrier = peak == null ? null : peak.barrierNanos();
    return new Program(
        nanos,
        flops,
        floor,
        floor == null ? null : floor / nanos,
        barriers,
        barrier == null || barriers == null ? null : barrier * barriers,
        times.stream()
            .map(time -> Kernel.of(time, peak))
            .sorted(java.util.Comparator.comparingDouble(Kernel::nanos).reversed())
            .toList());
  }
}
