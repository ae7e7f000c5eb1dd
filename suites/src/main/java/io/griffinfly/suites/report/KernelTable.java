package io.griffinfly.suites.report;

import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.KernelTime;
import io.griffinfly.suites.adapter.AdapterResult.ProgramTimes;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `--kernels`: where the time of each program goes.
final class KernelTable {
  private KernelTable() {}

  /// Tables of all programs whose kernels were timed; empty if none were.
  static String render(Row row, Painter painter) {
    StringBuilder out = new StringBuilder();
    Map<String, ProgramTimes> programs = row.report().map(AdapterResult::programs).orElse(Map.of());
    programs.forEach((program, times) -> {
      List<KernelTime> kernels = times.kernels();
      if (kernels != null && !kernels.isEmpty()) {
        out.append('\n')
            .append(painter.strong(row.contender().label() + ", " + program))
            .append("\n\n")
            .append(grid(kernels).render(painter));
      }
    });
    return out.toString();
  }

  private static Grid grid(List<KernelTime> kernels) {
    double total = kernels.stream().mapToDouble(KernelTime::nanos).sum();
    List<List<Cell>> rows =
        new java.util.ArrayList<>(
            kernels.stream()
                .sorted(Comparator.comparingDouble(KernelTime::nanos).reversed())
                .map(kernel -> cells(kernel, total))
                .toList());
    double flops = kernels.stream().mapToDouble(KernelTime::flops).sum();
    double bytes = kernels.stream().mapToDouble(KernelTime::bytes).sum();
    long calls = kernels.stream().mapToLong(KernelTime::calls).sum();
    rows.add(cells(new KernelTime("all", calls, total, flops, bytes, null), total));
    return new Grid(
        List.of("Kernel", "Calls", "ms", "share", "GFLOP", "GFLOP/s", "MB", "GB/s", "of peak"),
        rows);
  }

  private static List<Cell> cells(KernelTime kernel, double total) {
    Double peak = kernel.peakFraction();
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
