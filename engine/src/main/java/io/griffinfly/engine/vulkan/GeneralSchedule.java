package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.util.List;
import java.util.Optional;

/// Takes every spec of every type but F64, and every layout, on every device; in single precision
/// without anything that only some devices have.
final class GeneralSchedule implements VulkanSchedule {
  /// How much slower a product is than the device's peak: not measured, only more than what any
  /// other schedule of products says.
  private static final double SLOW_PRODUCT = 40;

  /// How much longer than predicted everything else takes at least on a GPU, because a lane reads
  /// one element after the other: on an H100 it was 11 us for a norm of 128 rows of 576 and 4 to 6
  /// for 128 x 1536 gated elements, where the prediction alone is 2 and 2.5.
  private static final double SLOW_ON_GPU = 2;

  /// What a GPU waits for the operands at each depth of a product: 0.2 µs were measured on an H100,
  /// where one row times 576 by 1536 takes 317 µs.
  private static final double DEPTH_MICROS = 0.2;

  @Override
  public String name() {
    return "general";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .filter(_ -> !(spec instanceof KernelSpec.Joined))
        .map(gpu -> {
          Stages stages =
              write(
                  spec,
                  VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                  VulkanSchedule.places(spec.results(), results, Slot.Result::new),
                  gpu);
          double launches = stages.stages().size() * profile.launchMicros();
          double micros =
              spec instanceof KernelSpec.Contract product
                  ? launches + product(product, gpu, profile)
                  : slower(gpu) * (launches + work(spec, 1, profile));
          return new Offer(micros, stages.workspaceBytes());
        });
  }

  private static double product(
      KernelSpec.Contract product, DeviceProfile.Gpu gpu, DeviceProfile profile) {
    double waiting = gpu.onCpu() ? 0 : DEPTH_MICROS * product.k();
    return waiting + work(product, SLOW_PRODUCT, profile);
  }

  private static double slower(DeviceProfile.Gpu gpu) {
    return gpu.onCpu() ? 1 : SLOW_ON_GPU;
  }

  /// Microseconds that a kernel takes at the rates of the device.
  ///
  /// @param slower by how much its arithmetic is slower
  private static double work(KernelSpec spec, double slower, DeviceProfile profile) {
    Work work = Work.of(spec);
    return Math.max(
        slower * work.flops() / profile.flopsPerMicro(), work.bytes() / profile.bytesPerMicro());
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    Workspace workspace = new Workspace();
    List<Stage> stages =
        switch (spec) {
          case KernelSpec.Pointwise pointwise ->
              List.of(
                  PointwiseWriter.write(
                      pointwise.domain(), pointwise.expressions(), operands, results));
          case KernelSpec.Fold fold ->
              FoldWriter.write(
                  fold.fn(),
                  fold.prologue(),
                  fold.domain(),
                  fold.axes(),
                  operands,
                  results.getFirst(),
                  workspace,
                  gpu);
          case KernelSpec.Contract contract ->
              List.of(LaneProduct.write(Product.of(contract, operands, results.getFirst())));
          case KernelSpec.Joined _ ->
              throw new IllegalArgumentException("the general schedule does not take " + spec);
          case KernelSpec.Direct direct -> direct(direct, operands, results, workspace, gpu);
        };
    return new Stages(stages, workspace.bytes());
  }

  private static List<Stage> direct(
      KernelSpec.Direct spec,
      List<Place> from,
      List<Place> to,
      Workspace workspace,
      DeviceProfile.Gpu gpu) {
    return switch (spec.op()) {
      case Norm norm -> NormWriter.write(norm, from, to, workspace, gpu);
      case Attention attention ->
          AttentionWriter.write(
              attention, from, to, product -> Products.write(product, gpu), workspace, gpu);
      case Loss loss -> LossWriter.write(loss, from, to, workspace, gpu);
      case Gather gather -> GatherWriter.write(gather, from, to, workspace);
      case Reduce.ArgMax(int axis, _) ->
          List.of(ArgMaxWriter.write(axis, from.getFirst(), to.getFirst()));
      case Leaf _, Elementwise _, Reduce.Fold _, Contract _, Move _ ->
          throw new IllegalArgumentException(
              spec.op() + " has a kernel spec of its own and is never direct");
    };
  }
}
