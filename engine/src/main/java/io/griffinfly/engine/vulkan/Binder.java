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
import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
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

/// Turns steps into dispatches: writes their stages, compiles them and binds their memory, each
/// binding exactly as long as the tensor in it.
final class Binder {
  private final VulkanDevice device;
  private final VkDevice handle;
  private final Owned owned;
  private final PlanMemory memory;
  private final Faults faults;
  private final DeviceProfile.Gpu gpu;
  private final Map<Region, Long> texelViews = new HashMap<>();

  Binder(VulkanDevice device, Owned owned, PlanMemory memory, Faults faults) {
    this.device = device;
    this.handle = device.context().device();
    this.owned = owned;
    this.memory = memory;
    this.faults = faults;
    this.gpu = device.profile().gpu().orElseThrow();
  }

  /// A step and its dispatches, one after the other.
  record Bound(Step step, List<Recorder.Dispatch> dispatches) {}

  /// A stage and the memory of its bindings.
  private record Placed(Stage stage, List<Region> regions) {}

  /// Binds the steps.
  List<Bound> bind(List<Step> steps) {
    List<List<Placed>> placed = steps.stream().map(this::place).toList();
    List<Stage> stages = placed.stream().flatMap(List::stream).map(Placed::stage).toList();
    if (stages.isEmpty()) {
      return steps.stream().map(step -> new Bound(step, List.of())).toList();
    }
    Map<Shader, Pipeline> pipelines =
        device.pipelines().get(stages.stream().map(Stage::shader).toList());
    long pool = pool(stages);
    List<Bound> bound = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      List<Recorder.Dispatch> dispatches =
          placed.get(i).stream()
              .map(each ->
                  dispatch(each, Objects.requireNonNull(pipelines.get(each.stage.shader())), pool))
              .toList();
      bound.add(new Bound(steps.get(i), dispatches));
    }
    return bound;
  }

  private List<Placed> place(Step step) {
    if (!(step.schedule() instanceof VulkanSchedule schedule)) {
      throw new DeviceException(
          "the plan was made for another device: its schedule "
              + step.schedule().name()
              + " is none of the vulkan device");
    }
    List<PlanMemory.Span> operands = step.operands().stream().map(memory::span).toList();
    List<PlanMemory.Span> results = step.results().stream().map(memory::span).toList();
    Stages stages =
        schedule.write(
            step.spec(),
            VulkanSchedule.places(step.spec().operands(), layouts(operands), Slot.Operand::new),
            VulkanSchedule.places(step.spec().results(), layouts(results), Slot.Result::new),
            gpu);
    Region fault = Faults.concerns(step) ? faults.add(step) : memory.nothing();
    List<Placed> placed = new ArrayList<>();
    for (Stage stage : stages.stages()) {
      if (stage.workgroups() > 0) {
        List<Region> regions =
            stage.bindings().stream()
                .map(binding ->
                    switch (binding.slot()) {
                      case Slot.Operand(int index) -> operands.get(index).region();
                      case Slot.Result(int index) -> results.get(index).region();
                      case Slot.Workspace(long offset, long bytes) ->
                          memory.bytes(step.workspace().orElseThrow()).slice(offset, bytes);
                      case Slot.Fault _ -> fault;
                    })
                .toList();
        placed.add(new Placed(stage, regions));
      }
    }
    return placed;
  }

  private static List<io.griffinfly.engine.kernel.Layout> layouts(List<PlanMemory.Span> spans) {
    return spans.stream().map(PlanMemory.Span::layout).toList();
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

  /// The bytes of a view, for reading.
  Region bytes(View view) {
    return memory.bytes(view);
  }
}
