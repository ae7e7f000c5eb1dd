package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.util.List;
import java.util.Optional;

/// Everything but products on tensors that lie in groups of four, on GPUs: a lane moves four
/// elements at once, asks for all that it needs before it uses the first, and lanes of a workgroup
/// share rows. On a CPU's lanes barriers cost more than that saves.
final class WideSchedule implements VulkanSchedule {
  @Override
  public String name() {
    return "wide";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .filter(gpu -> !gpu.onCpu())
        .flatMap(gpu ->
            stages(
                spec,
                VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                VulkanSchedule.places(spec.results(), results, Slot.Result::new),
                gpu))
        .map(stages -> {
          Work work = Work.of(spec);
          double micros =
              Math.max(
                  work.flops() / profile.flopsPerMicro(), work.bytes() / profile.bytesPerMicro());
          return new Offer(
              stages.stages().size() * profile.launchMicros() + micros, stages.workspaceBytes());
        });
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    return stages(spec, operands, results, gpu).orElseThrow();
  }

  private static Optional<Stages> stages(
      KernelSpec spec, List<Place> from, List<Place> to, DeviceProfile.Gpu gpu) {
    Workspace workspace = new Workspace();
    Optional<List<Stage>> stages =
        switch (spec) {
          case KernelSpec.Pointwise pointwise ->
              WidePointwise.write(pointwise.domain(), pointwise.expressions(), from, to)
                  .map(List::of);
          case KernelSpec.Fold fold ->
              WideFold.write(
                  fold.fn(),
                  fold.prologue(),
                  fold.domain(),
                  fold.axes(),
                  from,
                  to.getFirst(),
                  workspace,
                  gpu);
          case KernelSpec.Contract _, KernelSpec.Joined _ -> Optional.empty();
          case KernelSpec.Direct direct -> direct(direct.op(), from, to, workspace, gpu);
        };
    return stages.map(each -> new Stages(each, workspace.bytes()));
  }

  private static Optional<List<Stage>> direct(
      Op op, List<Place> from, List<Place> to, Workspace workspace, DeviceProfile.Gpu gpu) {
    return switch (op) {
      case Norm norm -> WideNorm.write(norm, from, to, workspace, gpu);
      case Loss loss -> WideLoss.write(loss, from, to, workspace, gpu);
      case Gather.Take take ->
          GatherWriter.fours(take, from.get(0), from.get(1), to.getFirst()).map(List::of);
      case Gather.ScatterAdd scatter ->
          WideScatter.write(scatter, from.get(0), from.get(1), to.getFirst(), gpu).map(List::of);
      case Op _ -> Optional.empty();
    };
  }
}
