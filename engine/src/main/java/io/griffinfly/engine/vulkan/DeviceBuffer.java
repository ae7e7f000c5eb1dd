package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_ERROR_OUT_OF_DEVICE_MEMORY;
import static org.lwjgl.vulkan.VK10.VK_SHARING_MODE_EXCLUSIVE;
import static org.lwjgl.vulkan.VK10.vkAllocateMemory;
import static org.lwjgl.vulkan.VK10.vkBindBufferMemory;
import static org.lwjgl.vulkan.VK10.vkCreateBuffer;
import static org.lwjgl.vulkan.VK10.vkDestroyBuffer;
import static org.lwjgl.vulkan.VK10.vkFreeMemory;
import static org.lwjgl.vulkan.VK10.vkGetBufferMemoryRequirements;
import static org.lwjgl.vulkan.VK10.vkGetPhysicalDeviceMemoryProperties;
import static org.lwjgl.vulkan.VK10.vkMapMemory;

import io.griffinfly.engine.plan.DeviceException;
import java.lang.foreign.MemorySegment;
import java.nio.LongBuffer;
import java.util.List;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkBufferCreateInfo;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkMemoryAllocateInfo;
import org.lwjgl.vulkan.VkMemoryRequirements;
import org.lwjgl.vulkan.VkPhysicalDeviceMemoryProperties;

/// A buffer with memory of its own.
final class DeviceBuffer implements AutoCloseable {
  private final Context context;
  private final Owned owned;
  private final VkDevice device;
  private final long handle;
  private final long memory;
  private final long bytes;

  private DeviceBuffer(Context context, Owned owned, long handle, long memory, long bytes) {
    this.context = context;
    this.owned = owned;
    this.device = context.device();
    this.handle = handle;
    this.memory = memory;
    this.bytes = bytes;
  }

  /// Allocates a buffer.
  ///
  /// @param context owns it, should nobody close it before
  /// @param bytes its size
  /// @param usage what Vulkan is told of its use
  /// @param properties sets of properties that its memory may have, the best first
  static DeviceBuffer allocate(
      MemoryStack stack, Context context, long bytes, int usage, List<Integer> properties) {
    VkDevice device = context.device();
    Owned owned = context.child();
    String attempt = "allocate " + bytes + " bytes on " + context.adapter().info().name();
    try {
      LongBuffer handles = stack.mallocLong(1);
      var info =
          VkBufferCreateInfo.calloc(stack)
              .sType$Default()
              .size(bytes)
              .usage(usage)
              .sharingMode(VK_SHARING_MODE_EXCLUSIVE);
      Results.check(vkCreateBuffer(device, info, null, handles), attempt);
      long buffer = handles.get(0);
      owned.add(() -> vkDestroyBuffer(device, buffer, null));
      var requirements = VkMemoryRequirements.calloc(stack);
      vkGetBufferMemoryRequirements(device, buffer, requirements);
      int type = type(stack, context, requirements.memoryTypeBits(), properties);
      var allocation =
          VkMemoryAllocateInfo.calloc(stack)
              .sType$Default()
              .allocationSize(requirements.size())
              .memoryTypeIndex(type);
      Results.check(
          context.failures().allocation()
              ? VK_ERROR_OUT_OF_DEVICE_MEMORY
              : vkAllocateMemory(device, allocation, null, handles),
          attempt);
      long memory = handles.get(0);
      owned.add(() -> vkFreeMemory(device, memory, null));
      Results.check(vkBindBufferMemory(device, buffer, memory, 0), attempt);
      return new DeviceBuffer(context, owned, buffer, memory, bytes);
    } catch (RuntimeException e) {
      context.close(owned);
      throw e;
    }
  }

  private static int type(
      MemoryStack stack, Context context, int allowed, List<Integer> properties) {
    var types = VkPhysicalDeviceMemoryProperties.calloc(stack);
    vkGetPhysicalDeviceMemoryProperties(context.adapter().handle(), types);
    for (int wanted : properties) {
      for (int i = 0; i < types.memoryTypeCount(); i++) {
        if ((allowed >> i & 1) == 1 && (types.memoryTypes(i).propertyFlags() & wanted) == wanted) {
          return i;
        }
      }
    }
    throw new DeviceException(
        context.adapter().info().name() + " has no memory of the kind that a buffer needs");
  }

  long handle() {
    return handle;
  }

  long bytes() {
    return bytes;
  }

  Region region() {
    return new Region(handle, 0, bytes);
  }

  /// The memory as the host sees it, as long as the buffer is open; only for memory that the host
  /// can see.
  @SuppressWarnings("restricted") // the driver has mapped so many bytes there
  MemorySegment map() {
    try (MemoryStack stack = stackPush()) {
      PointerBuffer address = stack.mallocPointer(1);
      Results.check(vkMapMemory(device, memory, 0, bytes, 0, address), "map memory of the device");
      return MemorySegment.ofAddress(address.get(0)).reinterpret(bytes);
    }
  }

  @Override
  public void close() {
    context.close(owned);
  }
}
