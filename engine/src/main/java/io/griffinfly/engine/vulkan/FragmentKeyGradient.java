package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.FragmentWriter.Shared;
import io.griffinfly.engine.vulkan.FragmentWriter.Sums;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// Writes the gradients of attention's keys and values on the matrix units of subgroups: a
/// workgroup has some keys and runs through the queries, of all the heads that they serve, that see
/// one of them. Its matrices have a row a key and a column a query.
final class FragmentKeyGradient {
  private final CoopHeads heads;
  private final FragmentAttentionTile tile;
  private final FragmentWriter writer;
  private final ShaderWriter shader;
  private final FragmentGradient gradient;
  private final Shared k;
  private final Shared v;
  private final Shared q;
  private final Shared dy;
  private final Shared weights;
  private final Shared steps;
  private final Shared keyResults;
  private final Shared valueResults;

  /// Where the numbers of lanes, then those of columns, begin.
  private final int parts;

  private final int totals;
  private final int logarithms;

  FragmentKeyGradient(CoopHeads heads, FragmentAttentionTile tile) {
    this.heads = heads;
    this.tile = tile;
    writer = new FragmentWriter(tile);
    shader = writer.shader();
    k = writer.halves(tile.rows(), heads.d());
    v = writer.halves(tile.rows(), heads.e());
    q = writer.halves(tile.columns(), heads.d());
    dy = writer.halves(tile.columns(), heads.e());
    Shared scores = writer.sums(tile.rows(), tile.columns());
    Shared change = writer.sums(tile.rows(), tile.columns());
    weights = writer.halves(tile.rows(), tile.columns());
    steps = writer.halves(tile.rows(), tile.columns());
    keyResults = writer.sumsOverAll(tile.rows(), heads.d());
    valueResults = writer.sumsOverAll(tile.rows(), heads.e());
    parts = writer.numbers(tile.lanes());
    totals = writer.numbers(tile.columns());
    logarithms = writer.numbers(tile.columns());
    gradient = new FragmentGradient(heads, tile, writer, scores, change);
  }

  /// Shared memory that the kernel needs.
  int sharedBytes() {
    return writer.bytes();
  }

  /// Operands in shaders.
  private record Operands(
      Bound queries, Bound results, Bound denominators, Bound changes, String batch) {}

  /// Writes the stage.
  ///
  /// @param from operands of the gradient
  /// @param toKeys gradient of the keys
  /// @param toValues gradient of the values
  Stage write(List<Place> from, Place toKeys, Place toValues) {
    int rows = tile.rows();
    Bound keyResult = shader.writesFours(toKeys);
    Bound valueResult = shader.writesFours(toValues);
    Bound queries = shader.readsEights(from.get(0));
    Bound keys = shader.readsEights(from.get(1));
    Bound values = shader.readsEights(from.get(2));
    Bound results = shader.readsEights(from.get(3));
    Bound changes = shader.readsEights(from.get(5));
    Bound denominators = shader.reads(from.get(4));
    writer.declare();
    gradient.functions();
    int blocks = Math.ceilDiv(heads.keys(), rows);
    // The first keys are seen by the most queries: they begin first.
    List<String> at = shader.coordinates("group", List.of(blocks, heads.batch(), heads.keyHeads()));
    String batch = at.get(1);
    String keyHead = at.get(2);
    String first = shader.let("int", at.get(0), " * ", rows);
    Operands operands = new Operands(queries, results, denominators, changes, batch);
    writer.stage(k, keys, batch, keyHead, first);
    writer.stage(v, values, batch, keyHead, first);
    Sums keySum = writer.zeros("key_sum", rows, heads.d());
    Sums valueSum = writer.zeros("value_sum", rows, heads.e());
    String begin = shader.let("int", heads.firstSeeing(first));
    CodeWriter body = shader.body();
    body.loop(
        "member",
        heads.members(),
        () -> {
          String head = shader.let("int", keyHead, " * ", heads.members(), " + member");
          body.block(
              "for (int start = "
                  + begin
                  + "; start < "
                  + heads.queries()
                  + "; start += "
                  + tile.columns()
                  + ")",
              () -> {
                block(operands, head, first);
                writer.multiply(valueSum, weights, dy, false);
                writer.multiply(keySum, steps, q, false);
                writer.barrier();
              });
        });
    writer.store(keySum, keyResults, keyResult, batch, keyHead, first);
    writer.store(valueSum, valueResults, valueResult, batch, keyHead, first);
    return shader.stage((long) blocks * heads.batch() * heads.keyHeads());
  }

  /// Brings a block of queries, and computes weights and gradients of their scores.
  private void block(Operands from, String head, String first) {
    int columns = tile.columns();
    writer.stage(q, from.queries, from.batch, head, "start");
    writer.stage(dy, from.changes, from.batch, head, "start");
    gradient.products(from.results, from.changes, from.batch, head, "start", columns, parts);
    writer.items(
        columns,
        column -> {
          String query = "min(start + " + column + ", " + (heads.queries() - 1) + ")";
          String position = CoopHeads.position(from.denominators, from.batch, head, query);
          String value = shader.load(from.denominators, position);
          shader.body().line("numbers[", logarithms, " + ", column, "] = ", value, ";");
        });
    writer.barrier();
    gradient.totals(columns, parts, totals);
    Sums score = writer.zeros("score", tile.rows(), columns);
    writer.multiply(score, k, q, true);
    writer.put(score, gradient.scores());
    Sums upstream = writer.zeros("upstream", tile.rows(), columns);
    writer.multiply(upstream, v, dy, true);
    writer.put(upstream, gradient.change());
    writer.barrier();
    step(first);
    writer.barrier();
  }

  private void step(String first) {
    writer.units(
        tile.rows(),
        tile.columns() / 8,
        (row, group) -> {
          String seeing = shader.let("int", heads.firstSeeing("(" + first + " + " + row + ")"));
          FragmentGradient.Steps made =
              gradient.step(
                  row,
                  group,
                  column -> seen(seeing, "start + " + column),
                  column -> four(logarithms, column),
                  column -> four(totals, column));
          shader.body().line(weights.unit(row, group), " = ", made.weights(), ";");
          shader.body().line(steps.unit(row, group), " = ", made.gradients(), ";");
        });
  }

  /// Which of four queries see a key.
  private String seen(String seeing, String query) {
    String queries = shader.let("ivec4", query, " + ivec4(0, 1, 2, 3)");
    String all = "ivec4(" + heads.queries() + ")";
    String after = "mix(ivec4(0), " + queries + " + 1, lessThan(" + queries + ", " + all + "))";
    return "greaterThan(" + after + ", ivec4(" + seeing + "))";
  }

  private static String four(int numbers, String column) {
    StringBuilder four = new StringBuilder("vec4(");
    for (int i = 0; i < 4; i++) {
      four.append(i == 0 ? "" : ", ")
          .append("numbers[")
          .append(numbers + i)
          .append(" + ")
          .append(column)
          .append(']');
    }
    return four.append(')').toString();
  }
}
