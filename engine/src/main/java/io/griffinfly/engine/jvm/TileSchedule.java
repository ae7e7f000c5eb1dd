package io.griffinfly.engine.jvm;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Work;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// Products on register tiles: [MatrixProduct].
final class TileSchedule implements JvmSchedule {
  @Override
  public String name() {
    return "tiles";
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    return ProductForm.of(spec, operands, results)
        .map(form -> {
          MatrixProduct product = product(form);
          double arithmetic = form.batch() * product.paddedFlops() / profile.flopsPerMicro();
          double memory = Work.of(spec).bytes() / profile.bytesPerMicro();
          return new Offer(
              profile.launchMicros() + Math.max(arithmetic, memory), product.workspaceBytes());
        });
  }

  private static MatrixProduct product(ProductForm form) {
    return MatrixProduct.of(VectorTiles.TILES, form.shape(), form.batch(), form.rightAlongDepth());
  }

  @Override
  public List<Kernel> bind(
      KernelSpec spec,
      List<Operand> operands,
      List<Operand> results,
      MemorySegment workspace,
      int threads) {
    ProductForm form = ProductForm.bound(spec, operands, results);
    MatrixProduct product = product(form);
    return product.bind(
        form.left(operands),
        form.right(operands),
        form.epilogue(operands, results.getFirst()),
        Memory.address(workspace, 0, product.workspaceBytes()),
        threads);
  }
}
