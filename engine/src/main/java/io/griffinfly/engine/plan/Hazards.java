package io.griffinfly.engine.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Sorts steps into levels: steps of one level do not disturb each other and may run in any order
/// or at the same time; a barrier stands between levels. Each step is in the earliest level that
/// keeps every read-after-write, write-after-read and write-after-write in the given order.
final class Hazards {
  private Hazards() {}

  static List<List<Step>> levels(List<Step> steps) {
    Map<Integer, List<Integer>> touching = new HashMap<>();
    int[] level = new int[steps.size()];
    List<List<Step>> levels = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      for (int earlier : candidates(step, touching)) {
        if (level[earlier] >= level[i] && step.conflicts(steps.get(earlier))) {
          level[i] = level[earlier] + 1;
        }
      }
      while (levels.size() <= level[i]) {
        levels.add(new ArrayList<>());
      }
      levels.get(level[i]).add(step);
      for (int buffer : buffers(step)) {
        touching.computeIfAbsent(buffer, _ -> new ArrayList<>()).add(i);
      }
    }
    return levels.stream().map(List::copyOf).toList();
  }

  private static Set<Integer> candidates(Step step, Map<Integer, List<Integer>> touching) {
    Set<Integer> candidates = new LinkedHashSet<>();
    for (int buffer : buffers(step)) {
      candidates.addAll(touching.getOrDefault(buffer, List.of()));
    }
    return candidates;
  }

  private static Set<Integer> buffers(Step step) {
    Set<Integer> buffers = new LinkedHashSet<>();
    Stream.concat(step.operands().stream(), step.results().stream())
        .forEach(view -> buffers.add(view.buffer()));
    return buffers;
  }
}
