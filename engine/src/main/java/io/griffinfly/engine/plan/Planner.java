package io.griffinfly.engine.plan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.kernel.Schedule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Makes an execution plan from an optimized graph.
public final class Planner {
  /// How many levels longer than needed the memory of a value is kept on GPUs: the last dispatches
  /// of a step may then run beside the first of the next level.
  private static final int LEVELS_LONGER_ON_GPUS = 1;

  private Planner() {}

  /// Plans a graph.
  ///
  /// @param graph the graph
  /// @param profile the device that it is for
  /// @param schedules what the device can do; of equally fast ones the first is taken
  /// @param packable whether the named states can lie next to each other, in this order; where not,
  ///   a join of states is copied
  /// @return the plan
  /// @throws DeviceException if a kernel has no schedule
  public static ExecutionPlan plan(
      Graph graph,
      DeviceProfile profile,
      List<? extends Schedule> schedules,
      Predicate<List<String>> packable) {
    Partition partition = new Partition(graph, new Selection(schedules, profile), packable);
    List<Step> steps = new ArrayList<>(partition.steps());
    steps.addAll(
        profile.gpu().isPresent()
            ? MultiTensorUpdates.of(partition.updates(), partition::step)
            : partition.updates());
    List<List<Step>> levels = Hazards.levels(steps);
    List<Buffer> buffers = partition.memory().buffers();
    Set<Integer> kept = new HashSet<>();
    partition.outputs().values().forEach(view -> kept.add(view.buffer()));
    if (partition.loss() != null) {
      kept.add(partition.loss().buffer());
    }
    int longer = profile.gpu().isPresent() ? LEVELS_LONGER_ON_GPUS : 0;
    MemoryPlanner.Arena arena = MemoryPlanner.plan(buffers, levels, kept, longer);
    return new ExecutionPlan(
        List.copyOf(buffers),
        Map.copyOf(arena.offsets()),
        arena.bytes(),
        Map.copyOf(partition.memory().constants()),
        partition.memory().inputs(),
        partition.memory().states(),
        Hazards.levels(partition.prepare()),
        levels,
        partition.outputs(),
        partition.loss());
  }
}
