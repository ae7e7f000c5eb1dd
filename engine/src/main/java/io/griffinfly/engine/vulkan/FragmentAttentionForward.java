package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.FragmentWriter.Shared;
import io.griffinfly.engine.vulkan.FragmentWriter.Sums;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// Writes attention on the matrix units of subgroups: a workgroup has some queries of a head. Every
/// lane keeps the maximum and the sum of its part of a row while it runs through the keys (Milakov
/// and Gimelshein 2018); what the lanes of a row have found makes the weights, of scores that are
/// still there if one block has all keys, and are computed again if not.
final class FragmentAttentionForward {
  private static final String LEAST = CoopAttentionForward.LEAST;

  private final CoopHeads heads;
  private final FragmentAttentionTile tile;
  private final FragmentWriter writer;
  private final ShaderWriter shader;
  private final Shared q;
  private final Shared k;
  private final Shared v;
  private final Shared scores;
  private final Shared weights;
  private final Shared results;

  /// Where the numbers of lanes, then those of rows, begin.
  private final int mostOfLanes;

  private final int totalOfLanes;
  private final int mostOfRows;
  private final int shareOfRows;

  FragmentAttentionForward(CoopHeads heads, FragmentAttentionTile tile) {
    this.heads = heads;
    this.tile = tile;
    writer = new FragmentWriter(tile);
    shader = writer.shader();
    q = writer.halves(tile.rows(), heads.d());
    k = writer.halves(tile.columns(), Math.max(heads.d(), heads.e()));
    v = writer.halvesOver(k, tile.columns(), heads.e());
    scores = writer.sums(tile.rows(), tile.columns());
    weights = writer.halves(tile.rows(), tile.columns());
    results = writer.sumsOverAll(tile.rows(), heads.e());
    mostOfLanes = writer.numbers(tile.lanes());
    totalOfLanes = writer.numbers(tile.lanes());
    mostOfRows = writer.numbers(tile.rows());
    shareOfRows = writer.numbers(tile.rows());
  }

  /// Shared memory that the kernel needs.
  int sharedBytes() {
    return writer.bytes();
  }

  Stage write(List<Place> from, List<Place> to) {
    Bound result = shader.writesFours(to.get(0));
    Bound denominators = shader.writes(to.get(1));
    List<Bound> bound = from.stream().map(shader::readsEights).toList();
    writer.declare();
    functions();
    int blocks = Math.ceilDiv(heads.queries(), tile.rows());
    // The last queries see the most keys: they begin first.
    List<String> at = shader.coordinates("group", List.of(blocks, heads.batch(), heads.heads()));
    String batch = at.get(1);
    String head = at.get(2);
    String first = shader.let("int", "(", blocks - 1, " - ", at.get(0), ") * ", tile.rows());
    String keyHead = shader.let("int", head, " / ", heads.members());
    CodeWriter body = shader.body();
    body.line("float most = ", LEAST, ";");
    body.line("float total = 0.0;");
    writer.stage(q, bound.get(0), batch, head, first);
    Sums sum = writer.zeros("sum", tile.rows(), heads.e());
    if (tile.holds(heads.keys())) {
      scores(bound.get(1), batch, keyHead, "0");
      statistics(first, "0");
      finish(denominators, batch, head, first);
      add(sum, bound.get(2), batch, keyHead, first, "0");
    } else {
      String last = "min(" + first + " + " + (tile.rows() - 1) + ", " + (heads.queries() - 1) + ")";
      String end = shader.let("int", heads.seen(last));
      String loop = "for (int start = 0; start < " + end + "; start += " + tile.columns() + ")";
      body.block(
          loop,
          () -> {
            scores(bound.get(1), batch, keyHead, "start");
            statistics(first, "start");
          });
      finish(denominators, batch, head, first);
      body.block(
          loop,
          () -> {
            scores(bound.get(1), batch, keyHead, "start");
            add(sum, bound.get(2), batch, keyHead, first, "start");
            writer.barrier();
          });
    }
    writer.store(sum, results, result, batch, head, first);
    return shader.stage((long) blocks * heads.batch() * heads.heads());
  }

  private void functions() {
    String scale = Glsl.literal((float) heads.scale());
    shader.function(
        "vec4 masked(uvec4 score, int key, int seen)",
        () ->
            shader
                .body()
                .line(
                    "return mix(vec4(",
                    LEAST,
                    "), uintBitsToFloat(score) * ",
                    scale,
                    ", lessThan(key + ivec4(0, 1, 2, 3), ivec4(seen)));"));
  }

  /// Computes the scores of a block of keys.
  private void scores(Bound keys, String batch, String keyHead, String start) {
    Shared block = new Shared(k.start(), k.rows(), heads.d(), k.inUnit());
    writer.stage(block, keys, batch, keyHead, start);
    writer.barrier();
    shader
        .body()
        .block(
            "",
            () -> {
              Sums made = writer.zeros("score", tile.rows(), tile.columns());
              writer.multiply(made, q, block, true);
              writer.put(made, scores);
            });
    writer.barrier();
  }

  private String masked(String row, String four, String start, String seen) {
    return "masked(" + scores.unit(row, four) + ", " + start + " + " + four + " * 4, " + seen + ")";
  }

  /// Maximum and sum of a lane's part of a row with a further block.
  private void statistics(String first, String start) {
    int lanes = tile.lanesOf(tile.rows());
    int fours = tile.columns() / 4;
    CodeWriter body = shader.body();
    String row = shader.let("int", "lane / ", lanes);
    String seen = shader.let("int", heads.seen("(" + first + " + " + row + ")"));
    body.block(
        "for (int four = lane % " + lanes + "; four < " + fours + "; four += " + lanes + ")",
        () -> {
          String values = shader.let("vec4", masked(row, "four", start, seen));
          String pairs = shader.let("vec2", "max(", values, ".xy, ", values, ".zw)");
          String larger = shader.let("float", "max(most, max(" + pairs + ".x, " + pairs + ".y))");
          String terms = shader.call("decays", values + " - " + larger);
          body.line(
              "total = total * ",
              shader.call("decay", "most - " + larger),
              " + dot(",
              terms,
              ", vec4(1.0));");
          body.line("most = ", larger, ";");
        });
  }

  /// Brings together what the lanes of each row have found.
  private void finish(Bound denominators, String batch, String head, String first) {
    int lanes = tile.lanesOf(tile.rows());
    CodeWriter body = shader.body();
    body.line("numbers[", mostOfLanes, " + lane] = most;");
    body.line("numbers[", totalOfLanes, " + lane] = total;");
    writer.barrier();
    body.block(
        "if (lane < " + tile.rows() + ")",
        () -> {
          body.line("float largest = ", LEAST, ";");
          body.loop(
              "part",
              lanes,
              () ->
                  body.line(
                      "largest = max(largest, numbers[",
                      mostOfLanes,
                      " + lane * ",
                      lanes,
                      " + part]);"));
          body.line("float whole = 0.0;");
          String part = " + lane * " + lanes + " + part]";
          body.loop(
              "part",
              lanes,
              () ->
                  body.line(
                      "whole += numbers[",
                      totalOfLanes,
                      part,
                      " * ",
                      shader.call("decay", "numbers[" + mostOfLanes + part + " - largest"),
                      ";"));
          body.line("bool seesKeys = largest > ", LEAST, ";");
          body.line("numbers[", mostOfRows, " + lane] = largest;");
          body.line("numbers[", shareOfRows, " + lane] = seesKeys ? 1.0 / whole : 0.0;");
          String position = CoopHeads.position(denominators, batch, head, "(" + first + " + lane)");
          String none = Glsl.literal(Float.NEGATIVE_INFINITY);
          String logarithm =
              "seesKeys ? largest + " + shader.call("logarithm", "whole") + " : " + none;
          body.block(
              "if (" + first + " + lane < " + heads.queries() + ")",
              () -> shader.store(denominators, position, logarithm));
        });
    writer.barrier();
  }

  /// Adds the weighted values of a block.
  private void add(
      Sums sum, Bound values, String batch, String keyHead, String first, String start) {
    writer.units(
        tile.rows(),
        tile.columns() / 8,
        (row, group) -> {
          String seen = shader.let("int", heads.seen("(" + first + " + " + row + ")"));
          String most = shader.let("float", "numbers[" + mostOfRows + " + " + row + "]");
          String share = shader.let("float", "numbers[" + shareOfRows + " + " + row + "]");
          String four = shader.let("int", group, " * 2");
          String next = shader.let("int", four, " + 1");
          String lower = weights(masked(row, four, start, seen), most, share);
          String upper = weights(masked(row, next, start, seen), most, share);
          shader.body().line(weights.unit(row, group), " = uvec4(", lower, ", ", upper, ");");
        });
    writer.stage(v, values, batch, keyHead, start);
    writer.barrier();
    writer.multiply(sum, weights, v, false);
  }

  private String weights(String scores, String most, String share) {
    String terms = shader.call("decays", scores + " - " + most);
    return shader.call("to_halves", terms + " * " + share);
  }
}
