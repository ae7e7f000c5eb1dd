package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The second stage of a product whose depth was cut into parts: adds the parts' sums, in order,
/// and applies the epilogue.
final class SlabSum {
  private static final int LANES = 128;

  private SlabSum() {}

  /// Memory for the sums over parts of the depth: `[parts, batch.., m, n]`; empty if there is one
  /// part.
  static Optional<Place> slabs(Product product, int parts, Workspace workspace) {
    if (parts == 1) {
      return Optional.empty();
    }
    int[] result = product.result().shape().dims();
    int[] dims = new int[result.length + 1];
    dims[0] = parts;
    System.arraycopy(result, 0, dims, 1, result.length);
    return Optional.of(workspace.take(DType.F32, Shape.of(dims)));
  }

  /// Writes the stage.
  ///
  /// @param product what is computed
  /// @param slabs `[parts, batch.., m, n]`
  static Stage write(Product product, Place slabs) {
    ShaderWriter shader = new ShaderWriter(LANES, 0);
    Bound result = shader.writes(product.result());
    Bound sums = shader.reads(slabs);
    Product.Bindings epilogue = product.epilogue().bind(shader);
    long size = product.result().shape().size();
    String element = shader.let("int", "group * ", LANES, " + lane");
    shader.body().line("if (", element, " >= ", size, ") { return; }");
    List<String> parts = new ArrayList<>();
    for (int part = 0; part < slabs.dim(0); part++) {
      parts.add(
          shader.let(
              "float",
              shader.load(
                  sums, element + " + " + (slabs.layout().offset() + part * slabs.stride(0)))));
    }
    String sum = shader.let("float", String.join(" + ", parts));
    List<Integer> extents = new ArrayList<>(product.batch());
    extents.add(product.m());
    extents.add(product.n());
    List<String> at = shader.coordinates(element, extents);
    shader.store(result, product.position(result, at), epilogue.write(sum, at));
    return shader.stage(Math.ceilDiv(size, LANES));
  }
}
