package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.util.List;
import java.util.Optional;

/// Matrix products through shared memory: [TileProduct].
final class TileSchedule implements VulkanSchedule {
  /// Not measured: what such a kernel loses against multiply-adds alone, since it reads shared
  /// memory for half as many elements.
  static final double SLOWDOWN = 3;

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
        .filter(TileProduct::accepts)
        .map(_ -> {
          Work work = Work.of(spec);
          double padding = padded(contract.m()) * padded(contract.n());
          double arithmetic = SLOWDOWN * padding * work.flops() / profile.flopsPerMicro();
          double memory = work.bytes() / profile.bytesPerMicro();
          return new Offer(profile.launchMicros() + Math.max(arithmetic, memory), 0);
        });
  }

  /// How much longer an extent is with its last tile whole.
  private static double padded(int extent) {
    int tile = TileProduct.TILE;
    return extent == 0 ? 1 : (double) Math.ceilDiv(extent, tile) * tile / extent;
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    Product product = Product.of((KernelSpec.Contract) spec, operands, results.getFirst());
    return new Stages(List.of(TileProduct.write(product)), 0);
  }
}
