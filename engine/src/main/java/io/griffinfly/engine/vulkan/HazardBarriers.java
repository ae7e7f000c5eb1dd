package io.griffinfly.engine.vulkan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A barrier before whatever touches memory that was written since the last one, or writes memory
/// that was touched: commands that do not meet share an interval.
final class HazardBarriers implements Barriers {
  /// What was touched since the last barrier, by buffer.
  private final Map<Long, List<Use>> touched = new HashMap<>();

  @Override
  public boolean before(List<Use> uses) {
    boolean needed = uses.stream().anyMatch(this::meets);
    if (needed) {
      touched.clear();
    }
    uses.forEach(
        use -> touched.computeIfAbsent(use.region().buffer(), _ -> new ArrayList<>()).add(use));
    return needed;
  }

  private boolean meets(Use use) {
    return touched.getOrDefault(use.region().buffer(), List.of()).stream()
        .anyMatch(
            other -> (use.writes() || other.writes()) && use.region().overlaps(other.region()));
  }
}
