package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.List;
import java.util.Optional;

/// Matrix products through shared memory: [TileProduct], in the shape and number of parts for which
/// [TilePlan] predicts the shortest time.
final class TileSchedule implements VulkanSchedule {
  private final List<TileShape> shapes;
  private final int fewestSplits;
  private final int mostSplits;

  TileSchedule() {
    this(TileShape.ALL, 1, Integer.MAX_VALUE);
  }

  /// Tiles of some shapes only.
  ///
  /// @param fewestSplits least number of parts of the depth, where it has as many blocks
  /// @param mostSplits greatest number
  TileSchedule(List<TileShape> shapes, int fewestSplits, int mostSplits) {
    this.shapes = List.copyOf(shapes);
    this.fewestSplits = fewestSplits;
    this.mostSplits = mostSplits;
  }

  @Override
  public String name() {
    return "tiles";
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
                  new Place(new Slot.Result(0), spec.results().getFirst(), results.getFirst()));
          return plan(product, gpu)
              .map(plan -> {
                Workspace workspace = new Workspace();
                if (plan.splits() > 1) {
                  SlabSum.take(product, plan.splits(), workspace);
                }
                return new Offer(plan.micros(), workspace.bytes());
              });
        });
  }

  private Optional<TilePlan> plan(Product product, DeviceProfile.Gpu gpu) {
    TilePlan.Extents extents = TilePlan.Extents.of(product);
    Optional<TilePlan> fastest = TilePlan.fastest(extents, shapes, mostSplits, gpu);
    return fastest.map(plan ->
        plan.splits() >= fewestSplits
            ? plan
            : TilePlan.of(extents, plan.shape(), fewestSplits, gpu));
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    Product product = Product.of((KernelSpec.Contract) spec, operands, results.getFirst());
    Workspace workspace = new Workspace();
    List<Stage> stages =
        TileProduct.write(product, plan(product, gpu).orElseThrow(), workspace, gpu);
    return new Stages(stages, workspace.bytes());
  }
}
