package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Both halves of a product's columns on the matrix units of a workgroup, and what they are
/// together: [CoopProduct].
final class PairedSchedule implements VulkanSchedule {
  @Override
  public String name() {
    return "matrix units, pairs";
  }

  @Override
  public boolean usesMatrixUnits() {
    return true;
  }

  @Override
  public Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Paired paired)) {
      return Optional.empty();
    }
    List<Place> to = VulkanSchedule.places(spec.results(), results, Slot.Result::new);
    Product product =
        product(
            paired,
            VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
            to.getLast());
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .filter(_ -> CoopProduct.accepts(product) && to.stream().allMatch(CoopProduct::isStorable))
        .flatMap(gpu ->
            CoopTile.ofPairs(product, gpu)
                // A tile that ends in the other half would write that too.
                .filter(tile -> !paired.keepsProduct() || product.n() % tile.columns() == 0)
                .map(tile -> new Offer(profile.launchMicros() + 2 * tile.micros(product, gpu), 0)));
  }

  /// The product of the left half, whose right operand still has both, and whose epilogue finds the
  /// sum of the right half in the variable `second`.
  static Product product(KernelSpec.Paired spec, List<Place> operands, Place result) {
    Place left = operands.get(0);
    Place right = operands.get(1);
    List<Place> others = operands.subList(2, operands.size());
    List<DType> types = new ArrayList<>(List.of(DType.F32, DType.F32));
    others.forEach(place -> types.add(place.dtype()));
    // Halves are rounded by the store.
    ScalarExpr expression =
        spec.expression() instanceof ScalarExpr.Convert(DType to, ScalarExpr value)
                && to == result.dtype()
            ? value
            : spec.expression();
    Product.Epilogue epilogue =
        shader -> {
          List<Bound> bound = others.stream().map(shader::reads).toList();
          return (sum, at) ->
              new ExpressionWriter(
                      shader,
                      types,
                      i ->
                          switch (i) {
                            case 0 -> sum;
                            case 1 -> DotPairs.SECOND;
                            default -> load(shader, bound.get(i - 2), result, at);
                          })
                  .write(expression, DType.F32);
        };
    return new Product(
        spec.product().transposeLeft() ? left.transposed() : left,
        spec.product().transposeRight() ? right.transposed() : right,
        result,
        1,
        epilogue);
  }

  private static String load(ShaderWriter shader, Bound bound, Place result, List<String> at) {
    Place place = bound.place().broadcast(result.shape());
    List<Long> strides = IntStream.range(0, place.shape().rank()).mapToObj(place::stride).toList();
    return shader.load(bound, bound.position(at, strides));
  }

  @Override
  public Stages write(
      KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    KernelSpec.Paired paired = (KernelSpec.Paired) spec;
    Product product = product(paired, operands, results.getLast());
    CoopTile tile = CoopTile.ofPairs(product, gpu).orElseThrow();
    Optional<Place> kept =
        paired.keepsProduct() ? Optional.of(results.getFirst()) : Optional.empty();
    return new Stages(List.of(CoopProduct.pairs(product, tile, kept)), 0);
  }
}
