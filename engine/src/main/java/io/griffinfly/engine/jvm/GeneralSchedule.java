package io.griffinfly.engine.jvm;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// The kernels of [KernelFactory], which take every type and layout, and every spec but joined
/// ones.
final class GeneralSchedule implements JvmSchedule {
  /// How much slower a product in scalar code is taken to be: not measured, only more than padding
  /// can cost any tile.
  private static final double SCALAR_PRODUCT = 200;

  @Override
  public String name() {
    return "general";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (spec instanceof KernelSpec.Joined) {
      return Optional.empty();
    }
    Work work = Work.of(spec);
    double slower = spec instanceof KernelSpec.Contract ? SCALAR_PRODUCT : 1;
    double micros =
        Math.max(
            slower * work.flops() / profile.flopsPerMicro(),
            work.bytes() / profile.bytesPerMicro());
    return Optional.of(new Offer(profile.launchMicros() + micros, 0));
  }

  @Override
  public List<Kernel> bind(
      KernelSpec spec,
      List<Operand> operands,
      List<Operand> results,
      MemorySegment workspace,
      int threads) {
    return List.of(KernelFactory.bind(spec, operands, results));
  }
}
