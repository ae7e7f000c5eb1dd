package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.CoopWriter.Slice;
import io.griffinfly.engine.vulkan.CoopWriter.Tensor;
import io.griffinfly.engine.vulkan.CoopWriter.Use;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// Writes the gradients of attention's keys and values on matrix units: a workgroup has some keys
/// and runs through the queries, of all the heads that they serve, that see one of them. Its
/// matrices have a row a key and a column a query.
final class CoopKeyGradient {
  private final CoopHeads heads;
  private final CoopAttentionTile tile;
  private final CoopWriter coop;
  private final ShaderWriter shader;

  private CoopKeyGradient(CoopHeads heads, CoopAttentionTile tile) {
    this.heads = heads;
    this.tile = tile;
    coop = new CoopWriter(tile.lanes());
    shader = coop.shader();
  }

  /// Writes the stage.
  ///
  /// @param from operands of the gradient
  /// @param keys gradient of the keys
  /// @param values gradient of the values
  static Stage write(
      CoopHeads heads, CoopAttentionTile tile, List<Place> from, Place keys, Place values) {
    return new CoopKeyGradient(heads, tile).write(from, keys, values);
  }

  private Stage write(List<Place> from, Place toKeys, Place toValues) {
    int rows = tile.rows();
    Bound keyResult = shader.matrix(toKeys, true);
    Bound valueResult = shader.matrix(toValues, true);
    List<Bound> bound =
        List.of(from.get(0), from.get(1), from.get(2), from.get(3), from.get(5)).stream()
            .map(place -> shader.matrix(place, false))
            .toList();
    Bound denominators = shader.reads(from.get(4));
    int blocks = Math.ceilDiv(heads.keys(), rows);
    // The first keys are seen by the most queries: they begin first.
    List<String> at = shader.coordinates("group", List.of(blocks, heads.batch(), heads.keyHeads()));
    String batch = at.get(1);
    String keyHead = at.get(2);
    String first = shader.let("int", at.get(0), " * ", rows);
    CoopFunctions.combining(shader);
    CoopFunctions.gradient(shader, heads);
    CoopFunctions.weight(shader, heads, denominators, "start + int(c)", "first + int(r)");
    Slice keys = new Slice(first, rows, "0", heads.d());
    Slice values = new Slice(first, rows, "0", heads.e());
    Tensor k = CoopHeads.tensor(coop, "keys", bound.get(1), batch, keyHead, rows, false);
    Tensor v = CoopHeads.tensor(coop, "values", bound.get(2), batch, keyHead, rows, false);
    coop.load("k", CoopWriter.halves(rows, heads.d(), Use.LEFT), k, keys);
    coop.load("v", CoopWriter.halves(rows, heads.e(), Use.LEFT), v, values);
    coop.zeros("key_sum", rows, heads.d());
    coop.zeros("value_sum", rows, heads.e());
    CodeWriter body = shader.body();
    body.loop(
        "member",
        heads.members(),
        () -> {
          String head = shader.let("int", keyHead, " * ", heads.members(), " + member");
          if (tile.holds(heads.queries())) {
            block(bound, List.of(first, "0", batch, head));
          } else {
            String begin = shader.let("int", heads.firstSeeing(first));
            body.block(
                "for (int start = "
                    + begin
                    + "; start < "
                    + heads.queries()
                    + "; start += "
                    + tile.columns()
                    + ")",
                () -> block(bound, List.of(first, "start", batch, head)));
          }
        });
    Tensor keyTensor =
        CoopHeads.tensor(coop, "key_gradients", keyResult, batch, keyHead, rows, false);
    coop.store("key_sum", keyTensor, keys);
    Tensor valueTensor =
        CoopHeads.tensor(coop, "value_gradients", valueResult, batch, keyHead, rows, false);
    coop.store("value_sum", valueTensor, values);
    return shader.stage((long) blocks * heads.batch() * heads.keyHeads());
  }

  /// @param at first key, first query, batch and head
  private void block(List<Bound> bound, List<String> at) {
    int rows = tile.rows();
    int columns = tile.columns();
    String batch = at.get(2);
    String head = at.get(3);
    Tensor q = CoopHeads.tensor(coop, "queries", bound.get(0), batch, head, columns, true);
    Tensor y = CoopHeads.tensor(coop, "results", bound.get(3), batch, head, columns, true);
    Tensor dy = CoopHeads.tensor(coop, "changes", bound.get(4), batch, head, columns, true);
    Slice queries = new Slice(at.get(1), columns, "0", heads.d());
    Slice results = new Slice(at.get(1), columns, "0", heads.e());
    coop.load("q", CoopWriter.halves(heads.d(), columns, Use.RIGHT), q, queries);
    coop.zeros("scores", rows, columns);
    coop.multiply("scores", "k", "q");
    coop.each("scores", "weight", at.toArray(String[]::new));
    coop.convert("weights", CoopWriter.halves(rows, columns, Use.LEFT), "scores");
    String right = CoopWriter.halves(columns, heads.e(), Use.RIGHT);
    coop.load("upstreams", right, dy.straight(), results);
    coop.multiply("value_sum", "weights", "upstreams");
    coop.load("dy", CoopWriter.halves(heads.e(), columns, Use.RIGHT), dy, results);
    coop.zeros("change", rows, columns);
    coop.multiply("change", "v", "dy");
    CoopFunctions.product(coop, y, dy, heads.e(), columns, results);
    coop.reduceColumns("total", rows, columns, "product", "sum_of");
    coop.each("scores", "gradient", "change", "total");
    coop.convert("steps", CoopWriter.halves(rows, columns, Use.LEFT), "scores");
    coop.load("straight", CoopWriter.halves(columns, heads.d(), Use.RIGHT), q.straight(), queries);
    coop.multiply("key_sum", "steps", "straight");
  }
}
