package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.List;
import java.util.Optional;

/// Products on matrix units whose parts of the depth are added up by the norm that reads them:
/// [NormedProduct].
final class NormedSchedule implements VulkanSchedule {
  @Override
  public String name() {
    return "matrix units, norm";
  }

  @Override
  public boolean usesMatrixUnits() {
    return true;
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Normed normed)) {
      return Optional.empty();
    }
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .flatMap(gpu ->
            NormedProduct.of(
                normed,
                VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                VulkanSchedule.places(spec.results(), results, Slot.Result::new),
                gpu))
        .map(product -> {
          Stages stages = product.write();
          double launches = stages.stages().size() * profile.launchMicros();
          return new Offer(launches + product.micros(), stages.workspaceBytes());
        });
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    return NormedProduct.of((KernelSpec.Normed) spec, operands, results, gpu).orElseThrow().write();
  }
}
