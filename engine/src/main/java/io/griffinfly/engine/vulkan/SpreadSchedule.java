package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Products on the matrix units of workgroups of which every sum becomes several values while it is
/// in a register: [CoopProduct].
final class SpreadSchedule implements VulkanSchedule {
  @Override
  public String name() {
    return "matrix units, values";
  }

  @Override
  public boolean usesMatrixUnits() {
    return true;
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Spread spread)) {
      return Optional.empty();
    }
    List<Place> to = VulkanSchedule.places(spec.results(), results, Slot.Result::new);
    Product product =
        product(
            spread,
            VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
            to.getFirst());
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .filter(_ -> CoopProduct.accepts(product) && to.stream().allMatch(CoopProduct::isStorable))
        .flatMap(gpu -> CoopTile.bestWhole(product, gpu).map(tile -> tile.micros(product, gpu)))
        .map(micros -> {
          double memory = Work.of(spec).bytes() / profile.bytesPerMicro();
          return new Offer(profile.launchMicros() + Math.max(micros, memory), 0);
        });
  }

  /// The product without its epilogue, which the values begin with.
  private static Product product(KernelSpec.Spread spec, List<Place> operands, Place result) {
    KernelSpec.Contract plain =
        new KernelSpec.Contract(
            spec.product().transposeLeft(),
            spec.product().transposeRight(),
            new ScalarExpr.Arg(0),
            spec.operands().subList(0, 2),
            spec.product().results());
    return Product.of(plain, operands.subList(0, 2), result);
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    KernelSpec.Spread spread = (KernelSpec.Spread) spec;
    Product product = product(spread, operands, results.getFirst());
    CoopTile tile = CoopTile.bestWhole(product, gpu).orElseThrow();
    List<Place> others = operands.subList(2, operands.size());
    // The sum is operand 0, and what lies behind both factors begins at 1.
    List<ScalarExpr> arguments = new ArrayList<>(List.of(spread.product().epilogue()));
    for (int i = 1; i < operands.size(); i++) {
      arguments.add(new ScalarExpr.Arg(i - 1));
    }
    List<CoopProduct.Output> outputs = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      Place to = results.get(i);
      ScalarExpr value = unrounded(spread.expressions().get(i), to.dtype());
      outputs.add(
          new CoopProduct.Output(
              to, new ProductExpression(value.substitute(arguments), others, to)));
    }
    return new Stages(List.of(CoopProduct.spread(product, tile, outputs)), 0);
  }

  /// Halves are rounded by the store.
  private static ScalarExpr unrounded(ScalarExpr value, DType type) {
    return value instanceof ScalarExpr.Convert(DType to, ScalarExpr inner) && to == type
        ? inner
        : value;
  }
}
