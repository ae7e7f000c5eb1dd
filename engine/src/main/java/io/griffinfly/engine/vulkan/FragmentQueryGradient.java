package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.FragmentWriter.Shared;
import io.griffinfly.engine.vulkan.FragmentWriter.Sums;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// Writes the gradient of attention's queries on the matrix units of subgroups: a workgroup has
/// some queries of a head and runs through the keys, whose weights it computes again from the
/// logarithms of the denominators (Dao 2023).
final class FragmentQueryGradient {
  private final CoopHeads heads;
  private final FragmentAttentionTile tile;
  private final FragmentWriter writer;
  private final ShaderWriter shader;
  private final FragmentGradient gradient;
  private final Shared q;
  private final Shared dy;
  private final Shared k;
  private final Shared v;
  private final Shared steps;
  private final Shared results;
  private final int parts;
  private final int totals;

  FragmentQueryGradient(CoopHeads heads, FragmentAttentionTile tile) {
    this.heads = heads;
    this.tile = tile;
    writer = new FragmentWriter(tile);
    shader = writer.shader();
    q = writer.halves(tile.rows(), heads.d());
    dy = writer.halves(tile.rows(), heads.e());
    k = writer.halves(tile.columns(), heads.d());
    v = writer.halves(tile.columns(), heads.e());
    Shared scores = writer.sums(tile.rows(), tile.columns());
    Shared change = writer.sums(tile.rows(), tile.columns());
    steps = writer.halves(tile.rows(), tile.columns());
    results = writer.sumsOverAll(tile.rows(), heads.d());
    parts = writer.numbers(tile.lanes());
    totals = writer.numbers(tile.rows());
    gradient = new FragmentGradient(heads, tile, writer, scores, change);
  }

  /// Shared memory that the kernel needs.
  int sharedBytes() {
    return writer.bytes();
  }

  /// Writes the stage.
  ///
  /// @param from operands of the gradient
  /// @param to gradient of the queries
  Stage write(List<Place> from, Place to) {
    int rows = tile.rows();
    Bound result = shader.writesFours(to);
    Bound queries = shader.readsEights(from.get(0));
    Bound keys = shader.readsEights(from.get(1));
    Bound values = shader.readsEights(from.get(2));
    Bound forward = shader.readsEights(from.get(3));
    Bound changes = shader.readsEights(from.get(5));
    Bound denominators = shader.reads(from.get(4));
    writer.declare();
    gradient.functions();
    int blocks = Math.ceilDiv(heads.queries(), rows);
    // The last queries see the most keys: they begin first.
    List<String> at = shader.coordinates("group", List.of(blocks, heads.batch(), heads.heads()));
    String batch = at.get(1);
    String head = at.get(2);
    String first = shader.let("int", "(", blocks - 1, " - ", at.get(0), ") * ", rows);
    String keyHead = shader.let("int", head, " / ", heads.members());
    writer.stage(q, queries, batch, head, first);
    writer.stage(dy, changes, batch, head, first);
    gradient.products(forward, changes, batch, head, first, rows, parts);
    writer.barrier();
    gradient.totals(rows, parts, totals);
    Sums sum = writer.zeros("sum", rows, heads.d());
    String last = "min(" + first + " + " + (rows - 1) + ", " + (heads.queries() - 1) + ")";
    String end = shader.let("int", heads.seen(last));
    shader
        .body()
        .block(
            "for (int start = 0; start < " + end + "; start += " + tile.columns() + ")",
            () -> {
              writer.stage(k, keys, batch, keyHead, "start");
              writer.stage(v, values, batch, keyHead, "start");
              writer.barrier();
              products();
              writer.barrier();
              step(denominators, batch, head, first);
              writer.barrier();
              writer.multiply(sum, steps, k, false);
              writer.barrier();
            });
    writer.store(sum, results, result, batch, head, first);
    return shader.stage((long) blocks * heads.batch() * heads.heads());
  }

  private void products() {
    Sums score = writer.zeros("score", tile.rows(), tile.columns());
    writer.multiply(score, q, k, true);
    writer.put(score, gradient.scores());
    Sums upstream = writer.zeros("upstream", tile.rows(), tile.columns());
    writer.multiply(upstream, dy, v, true);
    writer.put(upstream, gradient.change());
  }

  private void step(Bound denominators, String batch, String head, String first) {
    writer.units(
        tile.rows(),
        tile.columns() / 8,
        (row, group) -> {
          String query = shader.let("int", first, " + ", row);
          String seen =
              shader.let("int", query, " < ", heads.queries(), " ? ", heads.seen(query), " : 0");
          String nearest = shader.let("int", "min(", query, ", ", heads.queries() - 1, ")");
          String position = CoopHeads.position(denominators, batch, head, nearest);
          String logarithm = shader.let("float", shader.load(denominators, position));
          String total = shader.let("float", "numbers[" + totals + " + " + row + "]");
          FragmentGradient.Steps made =
              gradient.step(
                  row,
                  group,
                  column ->
                      "lessThan(start + " + column + " + ivec4(0, 1, 2, 3), ivec4(" + seen + "))",
                  _ -> "vec4(" + logarithm + ")",
                  _ -> "vec4(" + total + ")");
          shader.body().line(steps.unit(row, group), " = ", made.gradients(), ";");
        });
  }
}
