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
import java.nio.LongBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.vulkan.VkCommandBuffer;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkQueryPoolCreateInfo;

/// Moments of a command buffer on the clock of the device. Used under the context's lock.
final class Timestamps {
  private final Context context;
  private final long pool;
  private final int count;

  /// Makes a pool that the given owner destroys.
  ///
  /// @param count number of moments
  Timestamps(Context context, Owned owned, int count) {
    if (context.adapter().timestampValidBits() == 0) {
      throw new DeviceException(
          context.adapter().info().name() + " has no timestamps, so kernels cannot be timed");
    }
    this.context = context;
    this.count = count;
    VkDevice device = context.device();
    try (MemoryStack stack = stackPush()) {
      var info =
          VkQueryPoolCreateInfo.calloc(stack)
              .sType$Default()
              .queryType(VK_QUERY_TYPE_TIMESTAMP)
              .queryCount(count);
      LongBuffer handle = stack.mallocLong(1);
      Results.check(vkCreateQueryPool(device, info, null, handle), "make timestamps");
      pool = handle.get(0);
      owned.add(() -> vkDestroyQueryPool(device, pool, null));
    }
  }

  /// Records that all moments are still to come; before any of them.
  void reset(VkCommandBuffer into) {
    vkCmdResetQueryPool(into, pool, 0, count);
  }

  /// Records that a moment is when everything before has ended.
  void take(VkCommandBuffer into, int index) {
    vkCmdWriteTimestamp(into, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool, index);
  }

  /// The moments of the last run, in nanoseconds since the first of them.
  long[] nanos() {
    LongBuffer ticks = MemoryUtil.memAllocLong(count);
    try {
      Results.check(
          vkGetQueryPoolResults(
              context.device(),
              pool,
              0,
              count,
              ticks,
              Long.BYTES,
              VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
          "read timestamps");
      long[] nanos = new long[count];
      for (int i = 0; i < count; i++) {
        nanos[i] = nanos(ticks.get(i) - ticks.get(0));
      }
      return nanos;
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
