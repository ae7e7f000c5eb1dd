package io.griffinfly.engine.vulkan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Orders dispatches by the earliest interval between barriers in which each can run, so that
/// fewest barriers are needed: the second dispatch of one step runs beside the first of the next,
/// unless they meet in memory. A barrier with its launch costs 1.9 µs on an H100, a dispatch
/// without one 0.2 µs.
final class Intervals {
  /// The last intervals in which a range was read and written; -1 for never.
  private static final class Touched {
    private int read = -1;
    private int written = -1;
  }

  private final Map<Long, Map<Region, Touched>> buffers = new HashMap<>();

  private Intervals() {}

  /// Orders dispatches.
  ///
  /// @param dispatches in an order that is right
  /// @return the same in another that is right
  static List<Recorder.Dispatch> order(List<Recorder.Dispatch> dispatches) {
    record Placed(Recorder.Dispatch dispatch, int interval) {}
    Intervals intervals = new Intervals();
    List<Placed> placed = new ArrayList<>();
    for (Recorder.Dispatch dispatch : dispatches) {
      int interval = intervals.earliest(dispatch.uses());
      dispatch.uses().forEach(use -> intervals.touch(use, interval));
      placed.add(new Placed(dispatch, interval));
    }
    placed.sort(Comparator.comparingInt(Placed::interval));
    return placed.stream().map(Placed::dispatch).toList();
  }

  private int earliest(List<Barriers.Use> uses) {
    int earliest = 0;
    for (Barriers.Use use : uses) {
      for (Map.Entry<Region, Touched> entry : touched(use).entrySet()) {
        if (entry.getKey().overlaps(use.region())) {
          Touched before = entry.getValue();
          int last = use.writes() ? Math.max(before.read, before.written) : before.written;
          earliest = Math.max(earliest, last + 1);
        }
      }
    }
    return earliest;
  }

  private Map<Region, Touched> touched(Barriers.Use use) {
    return buffers.computeIfAbsent(use.region().buffer(), _ -> new HashMap<>());
  }

  private void touch(Barriers.Use use, int interval) {
    Map<Region, Touched> touched = touched(use);
    if (use.writes()) {
      // Whoever meets what lies inside meets this, which is later.
      touched.keySet().removeIf(use.region()::contains);
    }
    Touched own = touched.computeIfAbsent(use.region(), _ -> new Touched());
    if (use.writes()) {
      own.written = interval;
    } else {
      own.read = Math.max(own.read, interval);
    }
  }
}
