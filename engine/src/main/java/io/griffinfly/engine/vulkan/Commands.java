package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_COMMAND_BUFFER_LEVEL_PRIMARY;
import static org.lwjgl.vulkan.VK10.VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
import static org.lwjgl.vulkan.VK10.VK_ERROR_DEVICE_LOST;
import static org.lwjgl.vulkan.VK10.VK_NOT_READY;
import static org.lwjgl.vulkan.VK10.vkAllocateCommandBuffers;
import static org.lwjgl.vulkan.VK10.vkBeginCommandBuffer;
import static org.lwjgl.vulkan.VK10.vkCreateCommandPool;
import static org.lwjgl.vulkan.VK10.vkCreateFence;
import static org.lwjgl.vulkan.VK10.vkDestroyCommandPool;
import static org.lwjgl.vulkan.VK10.vkDestroyFence;
import static org.lwjgl.vulkan.VK10.vkEndCommandBuffer;
import static org.lwjgl.vulkan.VK10.vkGetFenceStatus;
import static org.lwjgl.vulkan.VK10.vkQueueSubmit;
import static org.lwjgl.vulkan.VK10.vkResetFences;
import static org.lwjgl.vulkan.VK10.vkWaitForFences;

import java.nio.LongBuffer;
import java.util.function.Consumer;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkCommandBuffer;
import org.lwjgl.vulkan.VkCommandBufferAllocateInfo;
import org.lwjgl.vulkan.VkCommandBufferBeginInfo;
import org.lwjgl.vulkan.VkCommandPoolCreateInfo;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkFenceCreateInfo;
import org.lwjgl.vulkan.VkSubmitInfo;

/// Command buffers of one owner, and the fence that says when one has been carried out. Used under
/// the context's lock.
final class Commands {
  /// A run that ends within this time is waited for by asking again and again, which costs less
  /// than to be woken up (some 50 us); afterwards the thread sleeps.
  private static final long SPIN_NANOS = 2_000_000;

  private final Context context;
  private final VkDevice device;
  private final long pool;
  private final long fence;

  /// Makes a pool that the given owner destroys.
  Commands(Context context, Owned owned) {
    this.context = context;
    this.device = context.device();
    try (MemoryStack stack = stackPush()) {
      LongBuffer handle = stack.mallocLong(1);
      var info =
          VkCommandPoolCreateInfo.calloc(stack)
              .sType$Default()
              .flags(VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT)
              .queueFamilyIndex(context.adapter().queueFamily().orElseThrow());
      Results.check(vkCreateCommandPool(device, info, null, handle), "make a command pool");
      pool = handle.get(0);
      owned.add(() -> vkDestroyCommandPool(device, pool, null));
      var fenceInfo = VkFenceCreateInfo.calloc(stack).sType$Default();
      Results.check(vkCreateFence(device, fenceInfo, null, handle), "make a fence");
      fence = handle.get(0);
      owned.add(() -> vkDestroyFence(device, fence, null));
    }
  }

  /// A new command buffer.
  VkCommandBuffer allocate() {
    try (MemoryStack stack = stackPush()) {
      PointerBuffer handle = stack.mallocPointer(1);
      var info =
          VkCommandBufferAllocateInfo.calloc(stack)
              .sType$Default()
              .commandPool(pool)
              .level(VK_COMMAND_BUFFER_LEVEL_PRIMARY)
              .commandBufferCount(1);
      Results.check(vkAllocateCommandBuffers(device, info, handle), "allocate a command buffer");
      return new VkCommandBuffer(handle.get(0), device);
    }
  }

  /// Fills a command buffer anew.
  void record(VkCommandBuffer commands, Consumer<VkCommandBuffer> content) {
    try (MemoryStack stack = stackPush()) {
      var info = VkCommandBufferBeginInfo.calloc(stack).sType$Default();
      Results.check(vkBeginCommandBuffer(commands, info), "record commands");
    }
    content.accept(commands);
    Results.check(vkEndCommandBuffer(commands), "record commands");
  }

  /// Has a command buffer carried out and waits for its end.
  void run(VkCommandBuffer commands) {
    try (MemoryStack stack = stackPush()) {
      var info =
          VkSubmitInfo.calloc(stack).sType$Default().pCommandBuffers(stack.pointers(commands));
      Results.check(vkResetFences(device, fence), "reset a fence");
      Results.check(
          context.failures().submission()
              ? VK_ERROR_DEVICE_LOST
              : vkQueueSubmit(context.queue(), info, fence),
          "start a run");
    }
    Results.check(awaitFence(), "finish a run");
  }

  private int awaitFence() {
    // On a software device the kernels need the processor that asking would take.
    if (context.adapter().info().kind() != AdapterInfo.Kind.SOFTWARE) {
      long start = System.nanoTime();
      do {
        int status = vkGetFenceStatus(device, fence);
        if (status != VK_NOT_READY) {
          return status;
        }
        Thread.onSpinWait();
      } while (System.nanoTime() - start < SPIN_NANOS);
    }
    return vkWaitForFences(device, fence, true, Long.MAX_VALUE);
  }
}
