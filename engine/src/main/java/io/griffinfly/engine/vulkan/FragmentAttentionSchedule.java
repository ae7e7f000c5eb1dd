package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Attention of halves on the matrix units of subgroups in one interval, without scores in memory:
/// [FragmentAttentionForward], for the gradient [FragmentKeyGradient] beside
/// [FragmentQueryGradient].
final class FragmentAttentionSchedule implements VulkanSchedule {
  /// Microseconds of a workgroup behind the launch for 128 keys; not measured: between those of
  /// [AttentionSchedule], which multiplies one by one, and of [CoopAttentionSchedule].
  private static final double FORWARD_MICROS = 4;

  private static final double GRADIENT_MICROS = 14;

  /// Not measured: products of halves run at three times the rate of multiply-adds in single
  /// precision (those of [FragmentProduct] on an H100), and two thirds are lost with exponentials,
  /// scores that are computed again and shared memory between the products.
  private static final double SLOWDOWN = 1;

  @Override
  public String name() {
    return "fragments, attention";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Direct(Attention attention, _, _))) {
      return Optional.empty();
    }
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .flatMap(gpu ->
            writer(
                    attention,
                    VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                    VulkanSchedule.places(spec.results(), results, Slot.Result::new),
                    gpu)
                .map(_ -> offer(attention, Work.of(spec), profile)));
  }

  private static Offer offer(Attention attention, Work work, DeviceProfile profile) {
    double products = SLOWDOWN * work.flops() / profile.flopsPerMicro();
    double memory = work.bytes() / profile.bytesPerMicro();
    double chain = attention instanceof Attention.Attend ? FORWARD_MICROS : GRADIENT_MICROS;
    return new Offer(profile.launchMicros() + chain + Math.max(products, memory), 0);
  }

  private static Optional<Supplier<List<Stage>>> writer(
      Attention attention, List<Place> from, List<Place> to, DeviceProfile.Gpu gpu) {
    return switch (attention) {
      case Attention.Rotary _ -> Optional.empty();
      case Attention.Attend(double scale, Attention.Mask mask) ->
          CoopHeads.accepted(scale, mask, from, to)
              .flatMap(heads ->
                  FragmentAttentionTile.of(gpu, heads.keys())
                      .filter(tile -> fills(tile, heads))
                      .map(tile -> new FragmentAttentionForward(heads, tile))
                      .filter(kernel -> kernel.sharedBytes() <= gpu.sharedBytes())
                      .findFirst()
                      .map(kernel -> () -> List.of(kernel.write(from, to))));
      case Attention.AttendGrad(double scale, Attention.Mask mask) ->
          CoopHeads.accepted(scale, mask, from, to)
              .flatMap(heads -> gradients(heads, from, to, gpu));
    };
  }

  /// Two dispatches that do not wait for each other, the longer first.
  private static Optional<Supplier<List<Stage>>> gradients(
      CoopHeads heads, List<Place> from, List<Place> to, DeviceProfile.Gpu gpu) {
    Optional<FragmentKeyGradient> keys =
        FragmentAttentionTile.small(gpu, heads.queries())
            .filter(tile -> fills(tile, heads))
            .map(tile -> new FragmentKeyGradient(heads, tile))
            .filter(kernel -> kernel.sharedBytes() <= gpu.sharedBytes())
            .findFirst();
    Optional<FragmentQueryGradient> queries =
        FragmentAttentionTile.small(gpu, heads.keys())
            .filter(tile -> fills(tile, heads))
            .map(tile -> new FragmentQueryGradient(heads, tile))
            .filter(kernel -> kernel.sharedBytes() <= gpu.sharedBytes())
            .findFirst();
    return keys.flatMap(key ->
        queries.map(query ->
            () -> List.of(key.write(from, to.get(1), to.get(2)), query.write(from, to.get(0)))));
  }

  private static boolean fills(FragmentAttentionTile tile, CoopHeads heads) {
    return tile.fills(heads.d()) && tile.fills(heads.e());
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    Attention attention = (Attention) ((KernelSpec.Direct) spec).op();
    return new Stages(writer(attention, operands, results, gpu).orElseThrow().get(), 0);
  }
}
