package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Attention of halves on the matrix units of subgroups in one interval, without scores in memory:
/// [FragmentAttentionForward], for the gradient [FragmentKeyGradient] beside
/// [FragmentQueryGradient].
final class FragmentAttentionSchedule implements VulkanSchedule {
  /// Not measured: a workgroup's time is between those of [AttentionSchedule], which multiplies one
  /// by one, and of [CoopAttentionSchedule]. Products of halves run at three times the rate of
  /// multiply-adds in single precision (those of [FragmentProduct] on an H100), and two thirds are
  /// lost with exponentials, scores that are computed again and shared memory between the products.
  private static final AttentionOffers OFFERS =
      new AttentionOffers(4, 14, 1, FragmentAttentionSchedule::writer);

  @Override
  public String name() {
    return "fragments, attention";
  }

  @Override
  public boolean usesMatrixUnits() {
    return true;
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    return OFFERS.offer(spec, operands, results, profile);
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
    return OFFERS.write(spec, operands, results, gpu);
  }
}
