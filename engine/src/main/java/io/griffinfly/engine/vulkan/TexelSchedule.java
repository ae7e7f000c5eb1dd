package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.util.List;
import java.util.Optional;

/// Matrix products on the lanes of a CPU: [TexelProduct].
final class TexelSchedule implements VulkanSchedule {
  /// Measured on two Zen cores: 70 of 110 GFLOP/s.
  private static final double SLOWDOWN = 1.5;

  @Override
  public String name() {
    return "texels";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Contract contract)) {
      return Optional.empty();
    }
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .filter(gpu ->
            TexelProduct.accepts(
                product(
                    contract,
                    VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                    VulkanSchedule.places(spec.results(), results, Slot.Result::new)),
                gpu))
        .map(_ -> {
          Work work = Work.of(spec);
          double arithmetic = SLOWDOWN * work.flops() / profile.flopsPerMicro();
          double memory = work.bytes() / profile.bytesPerMicro();
          return new Offer(profile.launchMicros() + Math.max(arithmetic, memory), 0);
        });
  }

  private static Product product(
      KernelSpec.Contract spec, List<Place> operands, List<Place> results) {
    return Product.of(spec, operands, results.getFirst());
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    Product product = product((KernelSpec.Contract) spec, operands, results);
    return new Stages(List.of(TexelProduct.write(product, gpu)), 0);
  }
}
