package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_ACCESS_HOST_READ_BIT;
import static org.lwjgl.vulkan.VK10.VK_ACCESS_SHADER_READ_BIT;
import static org.lwjgl.vulkan.VK10.VK_ACCESS_SHADER_WRITE_BIT;
import static org.lwjgl.vulkan.VK10.VK_ACCESS_TRANSFER_READ_BIT;
import static org.lwjgl.vulkan.VK10.VK_ACCESS_TRANSFER_WRITE_BIT;
import static org.lwjgl.vulkan.VK10.VK_PIPELINE_BIND_POINT_COMPUTE;
import static org.lwjgl.vulkan.VK10.VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
import static org.lwjgl.vulkan.VK10.VK_PIPELINE_STAGE_HOST_BIT;
import static org.lwjgl.vulkan.VK10.VK_PIPELINE_STAGE_TRANSFER_BIT;
import static org.lwjgl.vulkan.VK10.vkCmdBindDescriptorSets;
import static org.lwjgl.vulkan.VK10.vkCmdBindPipeline;
import static org.lwjgl.vulkan.VK10.vkCmdDispatch;
import static org.lwjgl.vulkan.VK10.vkCmdPipelineBarrier;

import java.util.List;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkCommandBuffer;
import org.lwjgl.vulkan.VkMemoryBarrier;

/// Records dispatches and copies, with barriers between them.
final class Recorder {
  private static final int STAGES =
      VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
  private static final int WRITES = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
  private static final int ALL = WRITES | VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_TRANSFER_READ_BIT;

  private final VkCommandBuffer commands;
  private final Barriers barriers;
  private int count;

  /// Whether copies stand since the last barrier: kernels alone need not wait for the transfer
  /// unit.
  private boolean copied;

  Recorder(VkCommandBuffer commands, Barriers barriers) {
    this.commands = commands;
    this.barriers = barriers;
  }

  /// A dispatch with its memory.
  ///
  /// @param pipeline the code
  /// @param set the descriptor set
  /// @param columns workgroups along x
  /// @param rows workgroups along y
  /// @param uses what it touches
  record Dispatch(Pipeline pipeline, long set, int columns, int rows, List<Barriers.Use> uses) {
    Dispatch {
      uses = List.copyOf(uses);
    }
  }

  void dispatch(Dispatch dispatch) {
    order(dispatch.uses);
    try (MemoryStack stack = stackPush()) {
      vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, dispatch.pipeline.handle());
      vkCmdBindDescriptorSets(
          commands,
          VK_PIPELINE_BIND_POINT_COMPUTE,
          dispatch.pipeline.layout(),
          0,
          stack.longs(dispatch.set),
          null);
      vkCmdDispatch(commands, dispatch.columns, dispatch.rows, 1);
    }
  }

  void copy(Region from, Region to) {
    order(List.of(new Barriers.Use(from, false), new Barriers.Use(to, true)));
    Staging.copy(commands, from, to);
    copied = true;
  }

  private void order(List<Barriers.Use> uses) {
    if (barriers.before(uses)) {
      barrier();
    }
  }

  /// Everything recorded so far ends before what follows.
  void barrier() {
    if (copied) {
      barrier(STAGES, WRITES, STAGES, ALL);
    } else {
      barrier(
          VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
          VK_ACCESS_SHADER_WRITE_BIT,
          VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
    }
    copied = false;
    count++;
  }

  /// Lets the host see what was written.
  void finish() {
    barrier(STAGES, WRITES, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  }

  private void barrier(int fromStages, int fromAccess, int toStages, int toAccess) {
    try (MemoryStack stack = stackPush()) {
      var barrier =
          VkMemoryBarrier.calloc(1, stack)
              .sType$Default()
              .srcAccessMask(fromAccess)
              .dstAccessMask(toAccess);
      vkCmdPipelineBarrier(commands, fromStages, toStages, 0, barrier, null, null);
    }
  }

  /// Number of barriers between commands so far.
  int barriers() {
    return count;
  }
}
