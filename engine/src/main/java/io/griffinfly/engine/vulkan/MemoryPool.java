package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
import static org.lwjgl.vulkan.VK10.VK_BUFFER_USAGE_TRANSFER_DST_BIT;
import static org.lwjgl.vulkan.VK10.VK_BUFFER_USAGE_TRANSFER_SRC_BIT;
import static org.lwjgl.vulkan.VK10.VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT;
import static org.lwjgl.vulkan.VK10.VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;

import io.griffinfly.engine.plan.DeviceMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Memory of the device, handed out in parts of large buffers, since a driver allows few
/// allocations. Used under the context's lock.
final class MemoryPool {
  /// Bytes of a block for small requests: SmolLM2's 272 tensors take some ten blocks.
  private static final long BLOCK_BYTES = 64L << 20;

  /// The largest alignment that Vulkan allows a device to ask of a binding.
  static final long ALIGNMENT = 256;

  private static final int USAGE =
      VK_BUFFER_USAGE_STORAGE_BUFFER_BIT
          | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT
          | VK_BUFFER_USAGE_TRANSFER_SRC_BIT
          | VK_BUFFER_USAGE_TRANSFER_DST_BIT;

  private final Context context;
  private final List<Block> blocks = new ArrayList<>();
  private long takenBytes;
  private long peakBytes;

  MemoryPool(Context context) {
    this.context = context;
  }

  /// A buffer and what is free of it: length by offset.
  private record Block(DeviceBuffer buffer, TreeMap<Long, Long> free) {
    Optional<Region> take(long bytes) {
      Optional<Map.Entry<Long, Long>> found =
          free.entrySet().stream().filter(range -> range.getValue() >= bytes).findFirst();
      return found.map(range -> {
        long offset = range.getKey();
        long rest = range.getValue() - bytes;
        free.remove(offset);
        if (rest > 0) {
          free.put(offset + bytes, rest);
        }
        return new Region(buffer.handle(), offset, bytes);
      });
    }

    void give(long offset, long bytes) {
      long start = offset;
      long length = bytes;
      Map.Entry<Long, Long> before = free.floorEntry(offset);
      if (before != null && before.getKey() + before.getValue() == offset) {
        start = before.getKey();
        length += before.getValue();
      }
      Long behind = free.remove(offset + bytes);
      free.put(start, behind == null ? length : length + behind);
    }

    boolean isUnused() {
      return free.size() == 1 && free.firstEntry().getValue() == buffer.bytes();
    }
  }

  /// Takes a part; its content is undefined.
  ///
  /// @param bytes size, more than 0
  /// @throws DeviceMemoryException if there is not enough
  Region take(long bytes) {
    long rounded = rounded(bytes);
    Region region = takeRounded(rounded);
    takenBytes += rounded;
    peakBytes = Math.max(peakBytes, takenBytes);
    return region.slice(0, bytes);
  }

  private static long rounded(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  private Region takeRounded(long bytes) {
    for (Block block : blocks) {
      Optional<Region> region = block.take(bytes);
      if (region.isPresent()) {
        return region.get();
      }
    }
    Block block = block(Math.max(bytes, Math.min(BLOCK_BYTES, largest())));
    blocks.add(block);
    return block.take(bytes).orElseThrow();
  }

  /// The most bytes that have been taken at once so far.
  long peakBytes() {
    return peakBytes;
  }

  /// The bytes that are taken now.
  long takenBytes() {
    return takenBytes;
  }

  /// Gives a part back.
  void give(Region region) {
    Block block =
        blocks.stream()
            .filter(each -> each.buffer.handle() == region.buffer())
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(region + " was not taken here"));
    block.give(region.offset(), rounded(region.bytes()));
    takenBytes -= rounded(region.bytes());
    if (block.isUnused()) {
      blocks.remove(block);
      block.buffer.close();
    }
  }

  private long largest() {
    return context.adapter().limits().allocationBytes();
  }

  private Block block(long bytes) {
    if (bytes > largest()) {
      throw new DeviceMemoryException(
          context.adapter().info().name()
              + " allocates at most "
              + largest()
              + " bytes at once, not "
              + bytes
              + ": use a smaller batch or model");
    }
    try (var stack = stackPush()) {
      DeviceBuffer buffer =
          DeviceBuffer.allocate(
              stack, context, bytes, USAGE, List.of(VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT));
      return new Block(buffer, new TreeMap<>(Map.of(0L, bytes)));
    }
  }
}
