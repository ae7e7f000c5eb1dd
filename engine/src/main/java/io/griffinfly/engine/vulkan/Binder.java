package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_FORMAT_R32G32B32A32_SFLOAT;
import static org.lwjgl.vulkan.VK10.vkAllocateDescriptorSets;
import static org.lwjgl.vulkan.VK10.vkCreateBufferView;
import static org.lwjgl.vulkan.VK10.vkCreateDescriptorPool;
import static org.lwjgl.vulkan.VK10.vkDestroyBufferView;
import static org.lwjgl.vulkan.VK10.vkDestroyDescriptorPool;
import static org.lwjgl.vulkan.VK10.vkUpdateDescriptorSets;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.vulkan.Shader.BindingKind;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkBufferViewCreateInfo;
import org.lwjgl.vulkan.VkDescriptorBufferInfo;
import org.lwjgl.vulkan.VkDescriptorPoolCreateInfo;
import org.lwjgl.vulkan.VkDescriptorPoolSize;
import org.lwjgl.vulkan.VkDescriptorSetAllocateInfo;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkWriteDescriptorSet;

/// Turns stages into dispatches: compiles them and binds their memory, each binding exactly as long
/// as the tensor in it.
final class Binder {
  private final VulkanDevice device;
  private final VkDevice handle;
  private final Owned owned;
  private final DeviceProfile.Gpu gpu;
  private final Map<Region, Long> texelViews = new HashMap<>();

  Binder(VulkanDevice device, Owned owned) {
    this.device = device;
    this.handle = device.context().device();
    this.owned = owned;
    this.gpu = device.profile().gpu().orElseThrow();
  }

  /// A step and its dispatches, one after the other.
  record Bound(Step step, List<Recorder.Dispatch> dispatches) {}

  /// A stage and the memory of its bindings.
  record Placed(Stage stage, List<Region> regions) {
    Placed {
      regions = List.copyOf(regions);
    }
  }

  /// Binds the steps.
  ///
  /// @param placer writes their stages
  List<Bound> bind(List<Step> steps, StepPlacer placer) {
    List<List<Placed>> placed = steps.stream().map(placer::place).toList();
    List<Recorder.Dispatch> all = bind(placed.stream().flatMap(List::stream).toList());
    List<Bound> bound = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < steps.size(); i++) {
      int to = from + placed.get(i).size();
      bound.add(new Bound(steps.get(i), all.subList(from, to)));
      from = to;
    }
    return bound;
  }

  /// Binds stages, compiling what is new.
  ///
  /// @return one dispatch each
  List<Recorder.Dispatch> bind(List<Placed> placed) {
    if (placed.isEmpty()) {
      return List.of();
    }
    List<Stage> stages = placed.stream().map(Placed::stage).toList();
    Map<Shader, Pipeline> pipelines =
        device.pipelines().get(stages.stream().map(Stage::shader).toList());
    long pool = pool(stages);
    return placed.stream()
        .map(each ->
            dispatch(each, Objects.requireNonNull(pipelines.get(each.stage.shader())), pool))
        .toList();
  }

  private long pool(List<Stage> stages) {
    Map<BindingKind, Integer> counts = new HashMap<>();
    for (Stage stage : stages) {
      stage.shader().bindings().forEach(kind -> counts.merge(kind, 1, Integer::sum));
    }
    try (MemoryStack stack = stackPush()) {
      var sizes = VkDescriptorPoolSize.calloc(counts.size(), stack);
      counts.forEach(
          (kind, count) -> sizes.get().type(Pipelines.descriptorType(kind)).descriptorCount(count));
      var info =
          VkDescriptorPoolCreateInfo.calloc(stack)
              .sType$Default()
              .maxSets(stages.size())
              .pPoolSizes(sizes.flip());
      LongBuffer pool = stack.mallocLong(1);
      Results.check(vkCreateDescriptorPool(handle, info, null, pool), "make descriptors");
      long made = pool.get(0);
      owned.add(() -> vkDestroyDescriptorPool(handle, made, null));
      return made;
    }
  }

  private Recorder.Dispatch dispatch(Placed placed, Pipeline pipeline, long pool) {
    Stage stage = placed.stage;
    try (MemoryStack stack = stackPush()) {
      var info =
          VkDescriptorSetAllocateInfo.calloc(stack)
              .sType$Default()
              .descriptorPool(pool)
              .pSetLayouts(stack.longs(pipeline.setLayout()));
      LongBuffer set = stack.mallocLong(1);
      Results.check(vkAllocateDescriptorSets(handle, info, set), "make descriptors");
      int count = placed.regions.size();
      var writes = VkWriteDescriptorSet.calloc(count, stack);
      for (int i = 0; i < count; i++) {
        BindingKind kind = stage.shader().bindings().get(i);
        Region region = placed.regions.get(i);
        VkWriteDescriptorSet write =
            writes
                .get(i)
                .sType$Default()
                .dstSet(set.get(0))
                .dstBinding(i)
                .descriptorCount(1)
                .descriptorType(Pipelines.descriptorType(kind));
        switch (kind) {
          case BUFFER ->
              write.pBufferInfo(
                  VkDescriptorBufferInfo.calloc(1, stack)
                      .buffer(region.buffer())
                      .offset(region.offset())
                      .range(region.bytes()));
          case TEXELS -> write.pTexelBufferView(stack.longs(texelView(region)));
        }
      }
      vkUpdateDescriptorSets(handle, writes, null);
      int columns = (int) Math.min(stage.workgroups(), gpu.workgroups());
      int rows = Math.toIntExact(Math.ceilDiv(stage.workgroups(), columns));
      return new Recorder.Dispatch(pipeline, set.get(0), columns, rows, uses(placed));
    }
  }

  private static List<Barriers.Use> uses(Placed placed) {
    List<Barriers.Use> uses = new ArrayList<>();
    for (int i = 0; i < placed.regions.size(); i++) {
      uses.add(new Barriers.Use(placed.regions.get(i), placed.stage.bindings().get(i).writes()));
    }
    return uses;
  }

  private long texelView(Region region) {
    Long known = texelViews.get(region);
    if (known != null) {
      return known;
    }
    try (MemoryStack stack = stackPush()) {
      var info =
          VkBufferViewCreateInfo.calloc(stack)
              .sType$Default()
              .buffer(region.buffer())
              .format(VK_FORMAT_R32G32B32A32_SFLOAT)
              .offset(region.offset())
              .range(region.bytes());
      LongBuffer view = stack.mallocLong(1);
      Results.check(vkCreateBufferView(handle, info, null, view), "make a texel view");
      long made = view.get(0);
      owned.add(() -> vkDestroyBufferView(handle, made, null));
      texelViews.put(region, made);
      return made;
    }
  }
}
