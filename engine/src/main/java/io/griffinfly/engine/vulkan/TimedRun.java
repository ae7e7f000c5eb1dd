package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.plan.Step;
import java.util.ArrayList;
import java.util.List;
import org.lwjgl.vulkan.VkCommandBuffer;

/// A plan recorded a second time, every step behind a barrier of its own and between timestamps.
final class TimedRun {
  private final Commands commands;
  private final List<Binder.Bound> steps;
  private final VkCommandBuffer buffer;
  private final Timestamps timestamps;

  /// What a step took.
  record Span(Step step, long startNanos, long elapsedNanos) {}

  TimedRun(
      Context context,
      Owned owned,
      Commands commands,
      List<Binder.Bound> steps,
      PlanMemory memory) {
    this.commands = commands;
    this.steps = steps;
    timestamps = new Timestamps(context, owned, steps.size() + 1);
    buffer = commands.allocate();
    commands.record(buffer, into -> record(into, memory));
  }

  private void record(VkCommandBuffer into, PlanMemory memory) {
    timestamps.reset(into);
    Recorder recorder = new Recorder(into, new HazardBarriers());
    memory.uploads().values().forEach(each -> recorder.copy(each.from(), each.to()));
    recorder.barrier();
    timestamps.take(into, 0);
    for (int i = 0; i < steps.size(); i++) {
      steps.get(i).dispatches().forEach(recorder::dispatch);
      recorder.barrier();
      timestamps.take(into, i + 1);
    }
    recorder.finish();
  }

  /// Runs the plan once.
  ///
  /// @return what each step took, on the clock of [System#nanoTime]: the last one ends when the
  ///   host sees the run end, so all are late by the time that this takes to notice
  List<Span> run() {
    commands.run(buffer);
    long end = System.nanoTime();
    long[] moments = timestamps.nanos();
    long origin = end - moments[steps.size()];
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      spans.add(new Span(steps.get(i).step(), origin + moments[i], moments[i + 1] - moments[i]));
    }
    return spans;
  }
}
