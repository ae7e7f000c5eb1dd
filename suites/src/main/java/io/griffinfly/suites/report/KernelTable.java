package io.griffinfly.suites.report;

import io.griffinfly.suites.adapter.AdapterResult.Peak;
import io.griffinfly.suites.report.Kernels.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `--kernels`: where the time of each program goes, for people.
final class KernelTable {
  private static final List<String> HEADINGS =
      List.of("Kernel", "Calls", "ms", "share", "GFLOP", "GFLOP/s", "MB", "GB/s", "of peak");

  private KernelTable() {}

  /// Tables of all programs whose kernels were timed; empty if none were.
  static String render(Row row, Painter painter) {
    return Kernels.of(row)
        .map(kernels -> render(row.contender().label(), kernels, painter))
        .orElse("");
  }

  private static String render(String label, Kernels kernels, Painter painter) {
    StringBuilder out = new StringBuilder();
    Peak peak = kernels.peak();
    kernels
        .programs()
        .forEach((name, program) ->
            out.append('\n')
                .append(painter.strong(label + ", " + name))
                .append("\n\n")
                .append(grid(program).render(painter))
                .append(conclusion(name, program, peak))
                .append('\n')
                .append(barriers(name, program, peak)));
    if (peak != null) {
      out.append("\npeak of this ").append(measured(peak));
      out.append("\nof peak: the least time that FLOPs and bytes allow, over the time taken;")
          .append(" above 100 % where operands came from a cache\n");
      if (exceeded(kernels)) {
        out.append("kernels computed faster than this peak: it was measured while the machine was")
            .append(" busy, and every percentage is too high\n");
      }
    }
    return out.toString();
  }

  private static String measured(Peak peak) {
    Integer threads = peak.threads();
    Double matrices = peak.matrixFlopsPerSecond();
    String flops = Quantity.number(peak.flopsPerSecond() / 1e9) + " GFLOP/s";
    String bytes = Quantity.number(peak.bytesPerSecond() / 1e9) + " GB/s";
    return threads == null
        ? "device, measured: "
            + flops
            + " in f32 multiply-adds"
            + (matrices == null
                ? ""
                : ", " + Quantity.number(matrices / 1e9) + " of halves on matrix units")
            + " and "
            + bytes
            + " copied"
        : "machine, measured: "
            + flops
            + " and "
            + bytes
            + " from memory on "
            + threads
            + (threads == 1 ? " thread" : " threads");
  }

  /// The line about barriers; empty if nothing is known of them.
  private static String barriers(String name, Kernels.Program program, @Nullable Peak peak) {
    Integer count = program.barriers();
    Double floor = program.barrierFloorNanos();
    Double each = peak == null ? null : peak.barrierNanos();
    if (count == null || floor == null || each == null) {
      return "";
    }
    return name
        + " waits "
        + count
        + " times for all before it, which takes "
        + Quantity.number(floor / 1e6)
        + " ms of any kernels: "
        + Quantity.number(each / 1e3)
        + " us a barrier, measured\n";
  }

  /// No kernel computes faster than the machine can, whatever its operands came from.
  private static boolean exceeded(Kernels kernels) {
    return kernels.programs().values().stream()
        .flatMap(program -> program.kernels().stream())
        .map(Kernel::ofFlopPeak)
        .anyMatch(share -> share != null && share > 1);
  }

  /// The bottom line of a program.
  private static String conclusion(String name, Kernels.Program program, @Nullable Peak peak) {
    Double floor = program.flopFloorNanos();
    Double share = program.ofFlopFloor();
    if (peak == null || floor == null || share == null) {
      return name + ": no peak was measured";
    }
    return name
        + " at "
        + percent(share)
        + " of the FLOP floor: "
        + Quantity.number(program.nanos() / 1e6)
        + " ms for "
        + Quantity.number(program.flops() / 1e9)
        + " GFLOP, which take "
        + Quantity.number(floor / 1e6)
        + " ms at "
        + (peak.matrixFlopsPerSecond() == null
            ? Quantity.number(peak.flopsPerSecond() / 1e9) + " GFLOP/s"
            : "the rates measured");
  }

  private static Grid grid(Kernels.Program program) {
    List<List<Cell>> rows = new ArrayList<>();
    program.kernels().forEach(kernel -> rows.add(cells(kernel, program.nanos())));
    double bytes = program.kernels().stream().mapToDouble(Kernel::bytes).sum();
    long calls = program.kernels().stream().mapToLong(Kernel::calls).sum();
    rows.add(
        cells(
            new Kernel("all", calls, program.nanos(), program.flops(), bytes, null, null),
            program.nanos()));
    return new Grid(HEADINGS, rows);
  }

  private static List<Cell> cells(Kernel kernel, double total) {
    Double peak = kernel.ofPeak();
    return List.of(
        Cell.of(kernel.name()),
        Cell.of(Long.toString(kernel.calls())),
        Cell.of(Quantity.number(kernel.nanos() / 1e6)),
        Cell.of(percent(kernel.nanos() / total)),
        Cell.of(Quantity.number(kernel.flops() / 1e9)),
        Cell.of(Quantity.number(kernel.flops() / kernel.nanos())),
        Cell.of(Quantity.number(kernel.bytes() / 1e6)),
        Cell.of(Quantity.number(kernel.bytes() / kernel.nanos())),
        peak == null ? Cell.none() : Cell.of(percent(peak)));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
