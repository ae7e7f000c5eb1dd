package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;

/// Sums of parts of a product's depth, each part a tensor like the result, and the stage that adds
/// them.
///
/// @param all the memory of all parts, `[parts, size]`
/// @param first the first part, in the shape of the result
record Slabs(Place all, Place first) {
  /// Reads of parts that are under way at a time.
  private static final int TOGETHER = 16;

  private static final int LANES = 64;

  /// Takes memory for the parts of a product.
  static Slabs take(Product product, int parts, Workspace workspace) {
    Shape shape = product.result().shape();
    // Parts begin at fours.
    int size = Math.toIntExact(Math.ceilDiv(shape.size(), 4) * 4);
    Place all = workspace.take(DType.F32, Shape.of(parts, size));
    return new Slabs(all, all.with(shape, 0, shape.strides()));
  }

  /// Elements from one part to the next.
  long size() {
    return all.stride(0);
  }

  /// The stage that adds the parts, in their order, and stores what the epilogue makes of it.
  Stage sum(Product product) {
    ShaderWriter shader = new ShaderWriter(LANES, 0);
    Place to = product.result();
    boolean fours = to.inFours();
    int unit = fours ? 4 : 1;
    Bound result = fours ? shader.writesFours(to) : shader.writes(to);
    Bound parts = fours ? shader.readsFours(all) : shader.reads(all);
    long items = to.shape().size() / unit;
    String item = shader.let("int", "group * ", LANES, " + lane");
    shader.body().line("if (", item, " >= ", items, ") { return; }");
    List<Integer> extents = new ArrayList<>(product.batch());
    extents.add(product.m());
    extents.add(product.n() / unit);
    List<String> at = new ArrayList<>(shader.coordinates(item, extents));
    if (fours) {
      at.set(at.size() - 1, shader.let("int", at.getLast(), " * 4"));
    }
    String position = product.position(result, at);
    String from = shader.let("int", item, " * ", unit);
    if (fours) {
      Product.Fours epilogue = product.epilogue().bindFours(shader);
      String value = epilogue.write(added(shader, parts, from, "vec4", true), at);
      shader.storeFour(result, position, value);
    } else {
      var finish = product.epilogue().bind(shader).prepare(at);
      String value = finish.apply(added(shader, parts, from, "float", false));
      shader.store(result, position, value);
    }
    return shader.stage(Math.ceilDiv(items, LANES));
  }

  private String added(ShaderWriter shader, Bound parts, String from, String type, boolean fours) {
    String sum = shader.let(type, type, "(0.0)");
    for (int first = 0; first < all.dim(0); first += TOGETHER) {
      List<String> read = new ArrayList<>();
      for (int part = first; part < Math.min(all.dim(0), first + TOGETHER); part++) {
        String position = from + " + " + part * size();
        String value = fours ? shader.loadFour(parts, position) : shader.load(parts, position);
        read.add(shader.let(type, value));
      }
      read.forEach(value -> shader.body().line(sum, " += ", value, ";"));
    }
    return sum;
  }
}
