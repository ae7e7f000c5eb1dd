package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.util.List;
import java.util.Optional;

/// Products of halves on the matrix units of subgroups: [FragmentProduct].
final class FragmentSchedule implements VulkanSchedule {
  /// Chooses how a product is cut.
  @FunctionalInterface
  interface Choice {
    Optional<FragmentTile> tile(KernelSpec.Contract spec, Product product, DeviceProfile.Gpu gpu);
  }

  private final Choice choice;

  FragmentSchedule() {
    this((_, product, gpu) -> FragmentTile.best(product, gpu));
  }

  /// With a choice of its own, for measuring.
  FragmentSchedule(Choice choice) {
    this.choice = choice;
  }

  @Override
  public String name() {
    return "fragments";
  }

  @Override
  public boolean usesMatrixUnits() {
    return true;
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Contract contract)) {
      return Optional.empty();
    }
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .flatMap(gpu -> {
          Product product =
              Product.of(
                  contract,
                  VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                  VulkanSchedule.places(spec.results(), results, Slot.Result::new).getFirst());
          return FragmentProduct.accepts(product)
              ? choice
                  .tile(contract, product, gpu)
                  .map(tile -> offer(spec, product, tile, profile, gpu))
              : Optional.empty();
        });
  }

  private static Offer offer(
      KernelSpec spec,
      Product product,
      FragmentTile tile,
      DeviceProfile profile,
      DeviceProfile.Gpu gpu) {
    double memory = Work.of(spec).bytes() / profile.bytesPerMicro();
    double micros = profile.launchMicros() + Math.max(tile.micros(product, gpu), memory);
    Workspace workspace = new Workspace();
    SlabSum.slabs(product, tile.splits(), workspace);
    return new Offer(micros, workspace.bytes());
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    KernelSpec.Contract contract = (KernelSpec.Contract) spec;
    Product product = Product.of(contract, operands, results.getFirst());
    FragmentTile tile = choice.tile(contract, product, gpu).orElseThrow();
    Workspace workspace = new Workspace();
    List<Stage> stages = FragmentProduct.write(product, tile, workspace);
    return new Stages(stages, workspace.bytes());
  }
}
