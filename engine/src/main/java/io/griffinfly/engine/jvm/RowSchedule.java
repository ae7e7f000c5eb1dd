package io.griffinfly.engine.jvm;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// Products of a few rows by a weight: [RowProduct].
final class RowSchedule implements JvmSchedule {
  @Override
  public String name() {
    return "rows";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    return ProductForm.of(spec, operands, results)
        .filter(form ->
            form.leftAlongDepth() && form.rightAlongDepth() && RowProduct.accepts(form.shape()))
        .map(form -> {
          Work work = Work.of(spec);
          double arithmetic = RowProduct.SLOWDOWN * work.flops() / profile.flopsPerMicro();
          double memory = work.bytes() / profile.bytesPerMicro();
          return new Offer(profile.launchMicros() + Math.max(arithmetic, memory), 0);
        });
  }

  @Override
  public List<Kernel> bind(
      KernelSpec spec,
      List<Operand> operands,
      List<Operand> results,
      MemorySegment workspace,
      int threads) {
    ProductForm form = ProductForm.bound(spec, operands, results);
    return List.of(
        new RowProduct(
            form.shape(),
            form.left(operands),
            form.right(operands),
            form.epilogue(operands, results.getFirst()),
            threads));
  }
}
