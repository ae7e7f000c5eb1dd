package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT;
import static org.lwjgl.vulkan.VK10.VK_QUERY_RESULT_64_BIT;
import static org.lwjgl.vulkan.VK10.VK_QUERY_RESULT_WAIT_BIT;
import static org.lwjgl.vulkan.VK10.VK_QUERY_TYPE_TIMESTAMP;
import static org.lwjgl.vulkan.VK10.vkCmdResetQueryPool;
import static org.lwjgl.vulkan.VK10.vkCmdWriteTimestamp;
import static org.lwjgl.vulkan.VK10.vkCreateQueryPool;
import static org.lwjgl.vulkan.VK10.vkDestroyQueryPool;
import static org.lwjgl.vulkan.VK10.vkGetQueryPoolResults;

import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.Step;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.vulkan.VkCommandBuffer;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkQueryPoolCreateInfo;

/// A plan recorded a second time, every step behind a barrier of its own and between timestamps.
final class TimedRun {
  private final Context context;
  private final Commands commands;
  private final List<Binder.Bound> steps;
  private final VkCommandBuffer buffer;
  private final long queries;

  /// What a step took.
  record Span(Step step, long startNanos, long elapsedNanos) {}

  TimedRun(
      Context context,
      Owned owned,
      Commands commands,
      List<Binder.Bound> steps,
      PlanMemory memory) {
    if (context.adapter().timestampValidBits() == 0) {
      throw new DeviceException(
          context.adapter().info().name() + " has no timestamps, so kernels cannot be timed");
    }
    this.context = context;
    this.commands = commands;
    this.steps = steps;
    VkDevice device = context.device();
    try (MemoryStack stack = stackPush()) {
      var info =
          VkQueryPoolCreateInfo.calloc(stack)
              .sType$Default()
              .queryType(VK_QUERY_TYPE_TIMESTAMP)
              .queryCount(steps.size() + 1);
      LongBuffer handle = stack.mallocLong(1);
      Results.check(vkCreateQueryPool(device, info, null, handle), "make timestamps");
      queries = handle.get(0);
      owned.add(() -> vkDestroyQueryPool(device, queries, null));
    }
    buffer = commands.allocate();
    commands.record(buffer, into -> record(into, memory));
  }

  private void record(VkCommandBuffer into, PlanMemory memory) {
    vkCmdResetQueryPool(into, queries, 0, steps.size() + 1);
    Recorder recorder = new Recorder(into, new HazardBarriers());
    memory.uploads().values().forEach(each -> recorder.copy(each.from(), each.to()));
    recorder.barrier();
    vkCmdWriteTimestamp(into, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries, 0);
    for (int i = 0; i < steps.size(); i++) {
      steps.get(i).dispatches().forEach(recorder::dispatch);
      recorder.barrier();
      vkCmdWriteTimestamp(into, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries, i + 1);
    }
    recorder.finish();
  }

  /// Runs the plan once.
  ///
  /// @return what each step took, on the clock of [System#nanoTime], which the device's is shifted
  ///   to at the start of the run
  List<Span> run() {
    long start = System.nanoTime();
    commands.run(buffer);
    int count = steps.size() + 1;
    LongBuffer ticks = MemoryUtil.memAllocLong(count);
    try {
      Results.check(
          vkGetQueryPoolResults(
              context.device(),
              queries,
              0,
              count,
              ticks,
              Long.BYTES,
              VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
          "read timestamps");
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < steps.size(); i++) {
        long begin = nanos(ticks.get(i) - ticks.get(0));
        long elapsed = nanos(ticks.get(i + 1) - ticks.get(i));
        spans.add(new Span(steps.get(i).step(), start + begin, elapsed));
      }
      return spans;
    } finally {
      MemoryUtil.memFree(ticks);
    }
  }

  private long nanos(long ticks) {
    int bits = context.adapter().timestampValidBits();
    long valid = bits >= Long.SIZE ? ticks : ticks & ((1L << bits) - 1);
    return Math.round(valid * context.adapter().timestampNanos());
  }
}
