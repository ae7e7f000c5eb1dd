package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_ACCESS_HOST_READ_BIT;
import static org.lwjgl.vulkan.VK10.VK_ACCESS_TRANSFER_WRITE_BIT;
import static org.lwjgl.vulkan.VK10.VK_BUFFER_USAGE_TRANSFER_DST_BIT;
import static org.lwjgl.vulkan.VK10.VK_BUFFER_USAGE_TRANSFER_SRC_BIT;
import static org.lwjgl.vulkan.VK10.VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
import static org.lwjgl.vulkan.VK10.VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
import static org.lwjgl.vulkan.VK10.VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
import static org.lwjgl.vulkan.VK10.VK_PIPELINE_STAGE_HOST_BIT;
import static org.lwjgl.vulkan.VK10.VK_PIPELINE_STAGE_TRANSFER_BIT;
import static org.lwjgl.vulkan.VK10.vkCmdCopyBuffer;
import static org.lwjgl.vulkan.VK10.vkCmdFillBuffer;
import static org.lwjgl.vulkan.VK10.vkCmdPipelineBarrier;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkBufferCopy;
import org.lwjgl.vulkan.VkCommandBuffer;
import org.lwjgl.vulkan.VkMemoryBarrier;

/// Copies between the host and memory that the host does not see, piece by piece. Used under the
/// context's lock.
final class Staging {
  /// Bytes of one piece: long enough that starting a copy does not count.
  private static final long PIECE_BYTES = 16L << 20;

  static final List<Integer> HOST_MEMORY =
      List.of(
          VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT
              | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT
              | VK_MEMORY_PROPERTY_HOST_CACHED_BIT,
          VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);

  private final Commands commands;
  private final VkCommandBuffer copy;
  private final DeviceBuffer buffer;
  private final MemorySegment host;

  Staging(Context context, Owned owned) {
    commands = new Commands(context, owned);
    copy = commands.allocate();
    try (MemoryStack stack = stackPush()) {
      buffer =
          DeviceBuffer.allocate(
              stack,
              context,
              PIECE_BYTES,
              VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
              HOST_MEMORY);
    }
    host = buffer.map();
  }

  void write(Region to, MemorySegment from) {
    to.slice(0, from.byteSize());
    for (long at = 0; at < from.byteSize(); at += PIECE_BYTES) {
      long bytes = Math.min(PIECE_BYTES, from.byteSize() - at);
      MemorySegment.copy(from, at, host, 0, bytes);
      copy(buffer.region().slice(0, bytes), to.slice(at, bytes));
    }
  }

  void read(Region from, MemorySegment to) {
    from.slice(0, to.byteSize());
    for (long at = 0; at < to.byteSize(); at += PIECE_BYTES) {
      long bytes = Math.min(PIECE_BYTES, to.byteSize() - at);
      copy(from.slice(at, bytes), buffer.region().slice(0, bytes));
      MemorySegment.copy(host, 0, to, at, bytes);
    }
  }

  /// Fills a region; its size and offset are multiples of 4.
  void fill(Region region, int word) {
    commands.record(
        copy,
        buffers ->
            vkCmdFillBuffer(buffers, region.buffer(), region.offset(), region.bytes(), word));
    commands.run(copy);
  }

  private void copy(Region from, Region to) {
    commands.record(
        copy,
        buffers -> {
          copy(buffers, from, to);
          try (MemoryStack stack = stackPush()) {
            var barrier =
                VkMemoryBarrier.calloc(1, stack)
                    .sType$Default()
                    .srcAccessMask(VK_ACCESS_TRANSFER_WRITE_BIT)
                    .dstAccessMask(VK_ACCESS_HOST_READ_BIT);
            vkCmdPipelineBarrier(
                buffers,
                VK_PIPELINE_STAGE_TRANSFER_BIT,
                VK_PIPELINE_STAGE_HOST_BIT,
                0,
                barrier,
                null,
                null);
          }
        });
    commands.run(copy);
  }

  /// Records a copy.
  static void copy(VkCommandBuffer commands, Region from, Region to) {
    try (MemoryStack stack = stackPush()) {
      var range =
          VkBufferCopy.calloc(1, stack)
              .srcOffset(from.offset())
              .dstOffset(to.offset())
              .size(from.bytes());
      vkCmdCopyBuffer(commands, from.buffer(), to.buffer(), range);
    }
  }
}
