package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Attention on GPUs in one interval, without scores in memory: [AttentionForward], for the
/// gradient [AttentionKeyGradient] beside [AttentionQueryGradient], and [RotaryWriter].
final class AttentionSchedule implements VulkanSchedule {
  /// A workgroup of attention on 128 queries and keys on an H100 took 7.8 us with the launch, of
  /// its gradient 23. Not measured: what is lost against multiply-adds alone, with exponentials and
  /// exchanges.
  private static final AttentionOffers OFFERS =
      new AttentionOffers(5.5, 20, 1.5, AttentionSchedule::writer);

  @Override
  public String name() {
    return "attention";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    return OFFERS.offer(spec, operands, results, profile);
  }

  private static boolean allReal(List<Place> places) {
    return places.stream().allMatch(place -> place.dtype().isFloat());
  }

  /// What writes the stages; empty if they cannot be written.
  private static Optional<Supplier<List<Stage>>> writer(
      Attention attention, List<Place> from, List<Place> to, DeviceProfile.Gpu gpu) {
    if (gpu.onCpu() || !allReal(from) || !allReal(to)) {
      return Optional.empty();
    }
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
    return OFFERS.write(spec, operands, results, gpu);
  }
}
