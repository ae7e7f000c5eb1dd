package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.Step;
import java.util.ArrayList;
import java.util.List;

/// Writes the stages of steps for the memory that a plan has.
final class StepPlacer {
  private final PlanMemory memory;
  private final Faults faults;
  private final DeviceProfile.Gpu gpu;

  StepPlacer(VulkanDevice device, PlanMemory memory, Faults faults) {
    this.memory = memory;
    this.faults = faults;
    this.gpu = device.profile().gpu().orElseThrow();
  }

  /// Writes the stages of a step.
  List<Binder.Placed> place(Step step) {
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
    List<Binder.Placed> placed = new ArrayList<>();
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
        placed.add(new Binder.Placed(stage, regions));
      }
    }
    return placed;
  }

  private static List<Layout> layouts(List<PlanMemory.Span> spans) {
    return spans.stream().map(PlanMemory.Span::layout).toList();
  }
}
