package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A product whose depth is cut into parts, and the norm of its rows, or the gradient of one, that
/// adds the parts up while it reads them: a launch and a barrier less than one after the other, and
/// as many parts as the product likes.
///
/// @param spec what is computed
/// @param product the product; its result is in memory only where that is needed
/// @param tile how it is cut
/// @param operands what the norm reads besides
/// @param scalars what the second store of a gradient reads besides
/// @param results where its results go
/// @param gpu the device
record NormedProduct(
    KernelSpec.Normed spec,
    Product product,
    CoopTile tile,
    List<Place> operands,
    List<Place> scalars,
    List<Place> results,
    DeviceProfile.Gpu gpu) {
  /// The kernel, if it takes a spec.
  static Optional<NormedProduct> of(
      KernelSpec.Normed spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    int factors = spec.product().operands().size();
    TensorType type = spec.product().results().getFirst();
    // Where the product is not kept its place has no memory, and is never bound.
    Place to =
        spec.keepsProduct()
            ? results.getFirst()
            : new Place(new Slot.Result(-1), type, Layout.dense(type.shape()));
    int scalars = operands.size() - Math.max(0, spec.also().arity() - 1);
    List<Place> others = operands.subList(factors, scalars);
    List<Place> last = operands.subList(scalars, operands.size());
    List<Place> finished = spec.keepsProduct() ? results.subList(1, results.size()) : results;
    Product product = Product.of(spec.product(), operands.subList(0, factors), to);
    boolean takes =
        product.batchAxes() == 0
            && CoopProduct.accepts(product)
            && Stream.of(List.of(to), others, finished)
                .flatMap(List::stream)
                .allMatch(Place::inFours)
            && GroupRows.holds(product.n() / 4, gpu);
    return takes
        ? CoopTile.bestOfParts(product, gpu)
            .map(tile -> new NormedProduct(spec, product, tile, others, last, finished, gpu))
        : Optional.empty();
  }

  /// Predicted microseconds behind the launches.
  double micros() {
    return tile.sumMicros(product, gpu) + 1;
  }

  Stages write() {
    Workspace workspace = new Workspace();
    Place slabs = SlabSum.take(product, tile.splits(), workspace);
    List<Stage> stages = new ArrayList<>();
    stages.add(CoopProduct.sums(product, tile, slabs));
    NormedRows rows = new NormedRows(product, slabs, gpu);
    switch (spec.norm()) {
      case Norm.RmsNorm(double epsilon) ->
          stages.add(
              rows.norm(epsilon, spec.keepsProduct(), operands.getFirst(), results.getFirst()));
      case Norm.RmsNormGrad(double epsilon) -> stages.addAll(gradient(rows, epsilon, workspace));
    }
    return new Stages(stages, workspace.bytes());
  }

  private NormedRows.Also also(Place result) {
    // Halves are rounded by the store.
    ScalarExpr expression =
        spec.also() instanceof ScalarExpr.Convert(DType to, ScalarExpr value)
                && to == result.dtype()
            ? value
            : spec.also();
    return new NormedRows.Also(expression, scalars, result);
  }

  private List<Stage> gradient(NormedRows rows, double epsilon, Workspace workspace) {
    Place x = operands.getFirst();
    Place upstream = workspace.take(DType.F32, x.shape());
    Place scales = workspace.take(DType.F32, Shape.of(x.dim(0), 1));
    List<Stage> stages = new ArrayList<>();
    stages.add(
        rows.gradient(
            epsilon,
            operands,
            spec.accumulates(),
            results.getFirst(),
            results.stream().skip(2).map(this::also).findFirst(),
            upstream,
            scales));
    stages.addAll(
        WideFold.orGeneral(
            ReduceFn.SUM,
            NormWriter.PRODUCT,
            x.shape(),
            List.of(0),
            List.of(upstream, x, scales),
            results.get(1),
            workspace,
            gpu));
    return stages;
  }
}
