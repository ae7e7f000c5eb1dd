package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Matrix products of any type and layout: each lane computes a small tile of the result in
/// registers and reads what it needs from memory.
final class LaneProduct {
  /// Rows and columns of a lane's tile: a quarter of the reads of single elements.
  private static final int TILE = 4;

  private LaneProduct() {}

  static Stage write(Product product) {
    ShaderWriter shader = new ShaderWriter(PointwiseWriter.LANES, 0);
    Bound result = shader.writes(product.result());
    Bound left = shader.reads(product.left());
    Bound right = shader.reads(product.right());
    Product.Bindings epilogue = product.epilogue().bind(shader);
    int tall = Math.min(TILE, product.m());
    int wide = Math.min(TILE, product.n());
    List<Integer> extents = new ArrayList<>(product.batch());
    extents.add(tall == 0 ? 0 : Math.ceilDiv(product.m(), tall));
    extents.add(wide == 0 ? 0 : Math.ceilDiv(product.n(), wide));
    long items = extents.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    if (items == 0) {
      return shader.stage(0);
    }
    String item = shader.let("int", "group * ", shader.lanes(), " + lane");
    shader.body().line("if (", item, " >= ", items, ") { return; }");
    List<String> tile = shader.coordinates(item, extents);
    List<String> batch = tile.subList(0, product.batchAxes());
    String row = shader.let("int", tile.get(batch.size()), " * ", tall);
    String column = shader.let("int", tile.getLast(), " * ", wide);
    // What lies outside is read from the last row or column and not stored.
    String a = shader.let("int", product.start(left, batch));
    String b = shader.let("int", product.start(right, batch));
    List<String> aRows = edges(shader, a, row, tall, product.m(), product.leftRowStride());
    List<String> bColumns =
        edges(shader, b, column, wide, product.n(), product.rightColumnStride());
    String[][] sums = new String[tall][wide];
    for (String[] line : sums) {
      for (int j = 0; j < wide; j++) {
        line[j] = shader.let("float", "0.0");
      }
    }
    depths(
        shader,
        product,
        0,
        List.of(),
        depth -> {
          List<String> as = elements(shader, left, aRows, depth, product, true);
          List<String> bs = elements(shader, right, bColumns, depth, product, false);
          for (int i = 0; i < tall; i++) {
            for (int j = 0; j < wide; j++) {
              shader
                  .body()
                  .line(sums[i][j], " = fma(", as.get(i), ", ", bs.get(j), ", ", sums[i][j], ");");
            }
          }
        });
    store(shader, product, result, epilogue, batch, row, column, sums);
    return shader.stage(Math.ceilDiv(items, shader.lanes()));
  }

  private static List<String> edges(
      ShaderWriter shader, String start, String first, int count, int extent, long stride) {
    return IntStream.range(0, count)
        .mapToObj(i ->
            shader.let("int", start, " + min(", first, " + ", i, ", ", extent - 1, ") * ", stride))
        .toList();
  }

  /// Loops over every axis that is summed over.
  private static void depths(
      ShaderWriter shader,
      Product product,
      int axis,
      List<String> outer,
      java.util.function.Consumer<List<String>> body) {
    if (axis == product.depthAxes()) {
      body.accept(outer);
      return;
    }
    String variable = shader.variable("k");
    List<String> inner = new ArrayList<>(outer);
    inner.add(variable);
    shader
        .body()
        .loop(variable, product.depth(axis), () -> depths(shader, product, axis + 1, inner, body));
  }

  private static List<String> elements(
      ShaderWriter shader,
      Bound matrix,
      List<String> starts,
      List<String> depth,
      Product product,
      boolean isLeft) {
    List<Long> strides =
        IntStream.range(0, depth.size())
            .mapToObj(i -> isLeft ? product.leftDepthStride(i) : product.rightDepthStride(i))
            .toList();
    String along = Glsl.position(0, depth, strides);
    return starts.stream()
        .map(start -> shader.let("float", shader.load(matrix, start + " + " + along)))
        .toList();
  }

  private static void store(
      ShaderWriter shader,
      Product product,
      Bound result,
      Product.Bindings epilogue,
      List<String> batch,
      String row,
      String column,
      String[][] sums) {
    CodeWriter body = shader.body();
    int wide = sums[0].length;
    String tile = shader.variable("t");
    body.line("float ", tile, "[", sums.length * wide, "];");
    for (int i = 0; i < sums.length; i++) {
      for (int j = 0; j < wide; j++) {
        body.line(tile, "[", i * wide + j, "] = ", sums[i][j], ";");
      }
    }
    new SumTile(sums.length, wide, row, column, tile)
        .store(shader, product, result, epilogue, batch);
  }
}
