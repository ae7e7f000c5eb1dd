package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Attention of halves on the matrix units of workgroups in one interval, without scores in memory:
/// [CoopAttentionForward], for the gradient [CoopKeyGradient] beside [CoopQueryGradient].
final class CoopAttentionSchedule implements VulkanSchedule {
  /// Attention on 128 keys took 2 us behind the launch in a chain of kernels written by hand on an
  /// H100. The others are not measured: the gradient runs through three heads one after the other,
  /// with twice as many products each, and its operations as in [FragmentAttentionSchedule].
  private static final AttentionOffers OFFERS =
      new AttentionOffers(2, 8, 1, CoopAttentionSchedule::writer);

  @Override
  public String name() {
    return "matrix units, attention";
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
                  byQueries(heads, gpu)
                      .map(tile ->
                          () -> List.of(CoopAttentionForward.write(heads, tile, from, to))));
      case Attention.AttendGrad(double scale, Attention.Mask mask) ->
          CoopHeads.accepted(scale, mask, from, to)
              .flatMap(heads -> gradients(heads, from, to, gpu));
    };
  }

  private static Optional<CoopAttentionTile> byQueries(CoopHeads heads, DeviceProfile.Gpu gpu) {
    long groups = (long) heads.batch() * heads.heads();
    return CoopAttentionTile.of(gpu, groups, heads.queries(), heads.keys(), heads.d(), heads.e());
  }

  /// Two dispatches that do not wait for each other, the longer first.
  private static Optional<Supplier<List<Stage>>> gradients(
      CoopHeads heads, List<Place> from, List<Place> to, DeviceProfile.Gpu gpu) {
    long groups = (long) heads.batch() * heads.keyHeads();
    Optional<CoopAttentionTile> byKeys =
        CoopAttentionTile.of(gpu, groups, heads.keys(), heads.queries(), heads.d(), heads.e());
    return byQueries(heads, gpu)
        .flatMap(queryTile ->
            byKeys.map(keyTile ->
                () ->
                    List.of(
                        CoopKeyGradient.write(heads, keyTile, from, to.get(1), to.get(2)),
                        CoopQueryGradient.write(heads, queryTile, from, to.get(0)))));
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    return OFFERS.write(spec, operands, results, gpu);
  }
}
