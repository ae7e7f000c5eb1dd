package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Attention on GPUs in one interval, without scores in memory: [AttentionForward], for the
/// gradient [AttentionKeyGradient] beside [AttentionQueryGradient], and [RotaryWriter].
final class AttentionSchedule implements VulkanSchedule {
  /// Not measured: what is lost against multiply-adds alone, with exponentials and exchanges.
  private static final double SLOWDOWN = 1.5;

  /// Microseconds that a workgroup takes behind the launch, however little it computes: of
  /// attention on 128 queries and keys on an H100, which took 7.8, and of its gradient, 23.
  private static final double FORWARD_MICROS = 5.5;

  private static final double GRADIENT_MICROS = 20;

  @Override
  public String name() {
    return "attention";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Direct(Attention attention, _, _))) {
      return Optional.empty();
    }
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .filter(gpu -> !gpu.onCpu() && allReal(spec.operands()) && allReal(spec.results()))
        .flatMap(gpu ->
            writer(
                attention,
                VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                VulkanSchedule.places(spec.results(), results, Slot.Result::new),
                gpu))
        .map(_ -> {
          Work work = Work.of(spec);
          double arithmetic = SLOWDOWN * work.flops() / profile.flopsPerMicro();
          double memory = work.bytes() / profile.bytesPerMicro();
          double rest = Math.max(arithmetic, memory) + chainMicros(attention);
          return new Offer(profile.launchMicros() + rest, 0);
        });
  }

  private static double chainMicros(Attention attention) {
    return switch (attention) {
      case Attention.Rotary _ -> 0;
      case Attention.Attend _ -> FORWARD_MICROS;
      case Attention.AttendGrad _ -> GRADIENT_MICROS;
    };
  }

  private static boolean allReal(List<TensorType> types) {
    return types.stream().allMatch(type -> type.dtype().isFloat());
  }

  /// What writes the stages; empty if they cannot be written.
  private static Optional<Supplier<List<Stage>>> writer(
      Attention attention, List<Place> from, List<Place> to, DeviceProfile.Gpu gpu) {
    return switch (attention) {
      case Attention.Rotary(boolean inverse) ->
          RotaryWriter.accepts(from, to.getFirst())
              ? Optional.of(() -> List.of(RotaryWriter.write(from, to.getFirst(), inverse)))
              : Optional.empty();
      case Attention.Attend(double scale, Attention.Mask mask) ->
          AttentionShape.of(scale, mask, from)
              .flatMap(shape ->
                  AttentionForward.tile(shape, gpu)
                      .map(tile -> () -> List.of(AttentionForward.write(shape, tile, from, to))));
      case Attention.AttendGrad(double scale, Attention.Mask mask) ->
          AttentionShape.of(scale, mask, from).flatMap(shape -> gradients(shape, from, to, gpu));
    };
  }

  /// Two dispatches that do not wait for each other, the longer first.
  private static Optional<Supplier<List<Stage>>> gradients(
      AttentionShape shape, List<Place> from, List<Place> to, DeviceProfile.Gpu gpu) {
    Optional<AttentionTile> keyTile = AttentionKeyGradient.tile(shape, gpu);
    Optional<AttentionTile> queryTile = AttentionQueryGradient.tile(shape, gpu);
    if (keyTile.isEmpty() || queryTile.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(() ->
        List.of(
            AttentionKeyGradient.write(shape, keyTile.get(), from, to.get(1), to.get(2)),
            AttentionQueryGradient.write(shape, queryTile.get(), from, to.get(0))));
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    Attention attention = (Attention) ((KernelSpec.Direct) spec).op();
    return new Stages(writer(attention, operands, results, gpu).orElseThrow().get(), 0);
  }
}
