package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.kernel.Work;
import io.griffinfly.engine.run.Session;
import io.griffinfly.suites.adapter.AdapterResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Times each kernel of a session, one at a time.
final class KernelTimes {
  /// Runs that are timed; the fastest of each kernel counts.
  private static final int RUNS = 5;

  /// What is reported as one.
  ///
  /// @param label of a kernel
  /// @param matrixUnits whether it computes on them
  private record Sort(String label, boolean matrixUnits) {}

  private static final class Sum {
    private long calls;
    private double flops;
    private double bytes;
    private double nanos;
  }

  private KernelTimes() {}

  /// One row for each sort of kernel, the most expensive first.
  static List<AdapterResult.KernelTime> measure(Session session) {
    List<List<Long>> samples = new ArrayList<>();
    List<Sort> sorts = new ArrayList<>();
    List<Work> work = new ArrayList<>();
    for (int run = 0; run < RUNS; run++) {
      int[] index = {0};
      session.run((step, _, elapsedNanos) -> {
        if (index[0] == samples.size()) {
          samples.add(new ArrayList<>());
          sorts.add(new Sort(step.spec().label(), step.schedule().usesMatrixUnits()));
          work.add(Work.of(step.spec()));
        }
        samples.get(index[0]++).add(elapsedNanos);
      });
    }
    Map<Sort, Sum> sums = new LinkedHashMap<>();
    for (int i = 0; i < sorts.size(); i++) {
      Sum sum = sums.computeIfAbsent(sorts.get(i), _ -> new Sum());
      sum.calls++;
      sum.flops += work.get(i).flops();
      sum.bytes += work.get(i).bytes();
      sum.nanos += samples.get(i).stream().mapToLong(Long::longValue).min().orElse(0);
    }
    return sums.entrySet().stream()
        .map(entry ->
            new AdapterResult.KernelTime(
                entry.getKey().label,
                entry.getValue().calls,
                entry.getValue().nanos,
                entry.getValue().flops,
                entry.getValue().bytes,
                entry.getKey().matrixUnits))
        .sorted(Comparator.comparingDouble(AdapterResult.KernelTime::nanos).reversed())
        .toList();
  }
}
