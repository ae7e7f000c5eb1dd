package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.List;
import java.util.Optional;

/// Products on the matrix units of workgroups whose heads a rotary embedding turns while they are
/// in registers: [CoopProduct].
final class RotatedSchedule implements VulkanSchedule {
  @Override
  public String name() {
    return "matrix units, rotary";
  }

  @Override
  public boolean usesMatrixUnits() {
    return true;
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Rotated rotated)) {
      return Optional.empty();
    }
    List<Place> from = VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new);
    Place to = VulkanSchedule.places(spec.results(), results, Slot.Result::new).getFirst();
    Product product = Product.of(rotated.product(), from.subList(0, 2), to);
    CoopRotary rotary = rotary(rotated, from);
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .filter(_ ->
            CoopProduct.accepts(product)
                && rotary.isAddressable()
                && product.n() % rotated.headSize() == 0)
        .flatMap(gpu ->
            CoopTile.ofHeads(product, rotated.headSize(), gpu)
                .filter(tile -> rotary.divides(product.m(), tile))
                .map(tile -> tile.doubled().micros(product, gpu)))
        .map(micros -> new Offer(profile.launchMicros() + micros, 0));
  }

  private static CoopRotary rotary(KernelSpec.Rotated spec, List<Place> operands) {
    return new CoopRotary(operands.get(2), operands.get(3), spec.turned(), spec.inverse());
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    KernelSpec.Rotated rotated = (KernelSpec.Rotated) spec;
    Product product = Product.of(rotated.product(), operands.subList(0, 2), results.getFirst());
    CoopTile tile = CoopTile.ofHeads(product, rotated.headSize(), gpu).orElseThrow();
    return new Stages(List.of(CoopProduct.rotated(product, tile, rotary(rotated, operands))), 0);
  }
}
