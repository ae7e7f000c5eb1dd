package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The second stage of a product whose depth was cut into parts: adds the parts' sums, in order,
/// and applies the epilogue, four columns a lane where they lie so.
final class SlabSum {
  private static final int LANES = 64;

  /// Reads of parts that are under way at a time.
  private static final int TOGETHER = 16;

  private SlabSum() {}

  /// Memory for the sums of the parts; empty if there is one part.
  static Optional<Place> slabs(Product product, int parts, Workspace workspace) {
    return parts == 1 ? Optional.empty() : Optional.of(take(product, parts, workspace));
  }

  /// Takes memory for the sums of some parts.
  ///
  /// @return `[parts, batch.., m, n]`
  static Place take(Product product, int parts, Workspace workspace) {
    int[] result = product.result().shape().dims();
    int[] dims = new int[result.length + 1];
    dims[0] = parts;
    System.arraycopy(result, 0, dims, 1, result.length);
    return workspace.take(DType.F32, Shape.of(dims));
  }

  /// The first part, in the shape of the result.
  static Place first(Place slabs) {
    return slabs.axes(1, slabs.shape().rank());
  }

  /// Writes the stage.
  ///
  /// @param product what is computed
  /// @param slabs `[parts, batch.., m, n]`
  static Stage write(Product product, Place slabs) {
    ShaderWriter shader = new ShaderWriter(LANES, 0);
    boolean fours = product.result().inFours() && slabs.inFours();
    int unit = fours ? 4 : 1;
    Place to = product.result();
    Bound result = fours ? shader.writesFours(to) : shader.writes(to);
    Bound parts = fours ? shader.readsFours(slabs) : shader.reads(slabs);
    long items = to.shape().size() / unit;
    String item = shader.let("int", "group * ", LANES, " + lane");
    shader.body().line("if (", item, " >= ", items, ") { return; }");
    List<Integer> extents = new ArrayList<>(product.batch());
    extents.add(product.m());
    extents.add(product.n() / unit);
    List<String> at = new ArrayList<>(shader.coordinates(item, extents));
    at.set(at.size() - 1, shader.let("int", at.getLast(), " * ", unit));
    String from = shader.let("int", item, " * ", unit);
    UnaryOperator<String> finish =
        fours
            ? product.epilogue().bindFours(shader).prepare(at)
            : product.epilogue().bind(shader).prepare(at);
    String value = finish.apply(sum(shader, parts, from, fours));
    String position = product.position(result, at);
    if (fours) {
      shader.storeFour(result, position, value);
    } else {
      shader.store(result, position, value);
    }
    return shader.stage(Math.ceilDiv(items, LANES));
  }

  private static String sum(ShaderWriter shader, Bound parts, String from, boolean fours) {
    Place slabs = parts.place();
    String type = fours ? "vec4" : "float";
    String sum = shader.let(type, type, "(0.0)");
    for (int first = 0; first < slabs.dim(0); first += TOGETHER) {
      List<String> read = new ArrayList<>();
      for (int part = first; part < Math.min(slabs.dim(0), first + TOGETHER); part++) {
        String position = from + " + " + (slabs.layout().offset() + part * slabs.stride(0));
        read.add(
            shader.let(
                type, fours ? shader.loadFour(parts, position) : shader.load(parts, position)));
      }
      read.forEach(value -> shader.body().line(sum, " += ", value, ";"));
    }
    return sum;
  }
}
