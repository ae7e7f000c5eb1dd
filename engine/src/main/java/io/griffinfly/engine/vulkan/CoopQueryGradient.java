package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.CoopWriter.Slice;
import io.griffinfly.engine.vulkan.CoopWriter.Tensor;
import io.griffinfly.engine.vulkan.CoopWriter.Use;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// Writes the gradient of attention's queries on matrix units: a workgroup has some queries of a
/// head and runs through the keys, whose weights it computes again from the logarithms of the
/// denominators (Dao 2023).
final class CoopQueryGradient {
  private final CoopHeads heads;
  private final CoopAttentionTile tile;
  private final CoopWriter coop;
  private final ShaderWriter shader;

  private CoopQueryGradient(CoopHeads heads, CoopAttentionTile tile) {
    this.heads = heads;
    this.tile = tile;
    coop = new CoopWriter(tile.lanes());
    shader = coop.shader();
  }

  /// Writes the stage.
  ///
  /// @param from operands of the gradient
  /// @param to gradient of the queries
  static Stage write(CoopHeads heads, CoopAttentionTile tile, List<Place> from, Place to) {
    return new CoopQueryGradient(heads, tile).write(from, to);
  }

  private Stage write(List<Place> from, Place to) {
    int rows = tile.rows();
    Bound result = shader.matrix(to, true);
    List<Bound> bound =
        List.of(from.get(0), from.get(1), from.get(2), from.get(3), from.get(5)).stream()
            .map(place -> shader.matrix(place, false))
            .toList();
    Bound denominators = shader.reads(from.get(4));
    int blocks = Math.ceilDiv(heads.queries(), rows);
    // The last queries see the most keys: they begin first.
    List<String> at = shader.coordinates("group", List.of(blocks, heads.batch(), heads.heads()));
    String batch = at.get(1);
    String head = at.get(2);
    String first = shader.let("int", "(", blocks - 1, " - ", at.get(0), ") * ", rows);
    String keyHead = shader.let("int", head, " / ", heads.members());
    CoopFunctions.combining(shader);
    CoopFunctions.gradient(shader, heads);
    CoopFunctions.weight(shader, heads, denominators, "first + int(r)", "start + int(c)");
    Tensor q = CoopHeads.tensor(coop, "queries", bound.get(0), batch, head, rows, false);
    Tensor k = CoopHeads.tensor(coop, "keys", bound.get(1), batch, keyHead, tile.columns(), true);
    Tensor v = CoopHeads.tensor(coop, "values", bound.get(2), batch, keyHead, tile.columns(), true);
    Tensor y = CoopHeads.tensor(coop, "results", bound.get(3), batch, head, rows, false);
    Tensor dy = CoopHeads.tensor(coop, "changes", bound.get(4), batch, head, rows, false);
    Slice vectors = new Slice(first, rows, "0", heads.e());
    coop.load(
        "q",
        CoopWriter.halves(rows, heads.d(), Use.LEFT),
        q,
        new Slice(first, rows, "0", heads.d()));
    coop.load("dy", CoopWriter.halves(rows, heads.e(), Use.LEFT), dy, vectors);
    CoopFunctions.product(coop, y, dy, rows, heads.e(), vectors);
    coop.reduceRows("total", rows, tile.columns(), "product", "sum_of");
    coop.zeros("sum", rows, heads.d());
    String last = "min(" + first + " + " + (rows - 1) + ", " + (heads.queries() - 1) + ")";
    if (tile.holds(heads.keys())) {
      block(k, v, List.of(first, "0", batch, head));
    } else {
      String end = shader.let("int", heads.seen(last));
      shader
          .body()
          .block(
              "for (int start = 0; start < " + end + "; start += " + tile.columns() + ")",
              () -> block(k, v, List.of(first, "start", batch, head)));
    }
    coop.store(
        "sum",
        CoopHeads.tensor(coop, "gradients", result, batch, head, rows, false),
        new Slice(first, rows, "0", heads.d()));
    return shader.stage((long) blocks * heads.batch() * heads.heads());
  }

  /// @param at first query, first key, batch and head
  private void block(Tensor k, Tensor v, List<String> at) {
    int columns = tile.columns();
    Slice keys = new Slice(at.get(1), columns, "0", heads.d());
    coop.load("k", CoopWriter.halves(heads.d(), columns, Use.RIGHT), k, keys);
    coop.zeros("scores", tile.rows(), columns);
    coop.multiply("scores", "q", "k");
    coop.each("scores", "weight", at.toArray(String[]::new));
    coop.load(
        "v",
        CoopWriter.halves(heads.e(), columns, Use.RIGHT),
        v,
        new Slice(at.get(1), columns, "0", heads.e()));
    coop.zeros("change", tile.rows(), columns);
    coop.multiply("change", "dy", "v");
    coop.each("scores", "gradient", "change", "total");
    coop.convert("steps", CoopWriter.halves(tile.rows(), columns, Use.LEFT), "scores");
    coop.load("straight", CoopWriter.halves(columns, heads.d(), Use.RIGHT), k.straight(), keys);
    coop.multiply("sum", "steps", "straight");
  }
}
