package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.List;
import java.util.Optional;

/// Products of a few rows on GPUs together with the norm in front of them, and with what both
/// halves of their columns become or a rotary embedding that turns their heads: [DotProduct]. For
/// one row each of these is a kernel that takes no longer than its launch.
final class VectorJoinSchedule implements VulkanSchedule {
  private final List<Integer> columns;

  VectorJoinSchedule() {
    this(List.of(1, 2, 4));
  }

  /// Some ways only.
  ///
  /// @param columns numbers of columns of the result that lanes share
  VectorJoinSchedule(List<Integer> columns) {
    this.columns = List.copyOf(columns);
  }

  @Override
  public String name() {
    return "vectors, joined";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Joined joined)
        || joined.product().m() > VectorSchedule.MOST_ROWS) {
      return Optional.empty();
    }
    List<Place> from = VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new);
    List<Place> to = VulkanSchedule.places(spec.results(), results, Slot.Result::new);
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .filter(gpu -> !gpu.onCpu())
        .flatMap(gpu -> DotForm.of(joined, from, to).flatMap(form -> plan(form, gpu)))
        .map(plan -> new Offer(plan.micros(), 0));
  }

  private Optional<DotPlan> plan(DotForm form, DeviceProfile.Gpu gpu) {
    Product product = form.product();
    boolean takes =
        product.result().shape().size() > 0
            && product.depth(0) > 0
            && product.result().dtype().isFloat()
            && form.pairs().divides(product)
            && form.isAlongDepth();
    return takes
        ? DotPlan.fastest(form, columns, gpu).filter(plan -> isWorthIt(form, plan, gpu))
        : Optional.empty();
  }

  /// Every team reads the norm's weight and adds up the squares. For large products of many rows
  /// that takes longer than a kernel that does it once.
  private boolean isWorthIt(DotForm form, DotPlan plan, DeviceProfile.Gpu gpu) {
    return form.norm().isEmpty()
        || DotPlan.fastest(form.withoutNorm(), columns, gpu)
            .filter(alone -> plan.micros() > alone.micros() + GpuRates.LAUNCH_MICROS)
            .isEmpty();
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    DotForm form = DotForm.of((KernelSpec.Joined) spec, operands, results).orElseThrow();
    DotPlan plan = plan(form, gpu).orElseThrow();
    return new Stages(List.of(DotProduct.write(form, plan, gpu)), 0);
  }
}
