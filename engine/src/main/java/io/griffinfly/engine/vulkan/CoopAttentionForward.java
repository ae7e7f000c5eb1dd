package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.vulkan.CoopWriter.Slice;
import io.griffinfly.engine.vulkan.CoopWriter.Tensor;
import io.griffinfly.engine.vulkan.CoopWriter.Use;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// Writes attention on matrix units: a workgroup has some queries of a head. Where one block has
/// all keys, their weights are made of scores that stay in registers; where not, a first pass finds
/// each row's maximum and sum (Milakov and Gimelshein 2018), and a second one computes the scores
/// again.
final class CoopAttentionForward {
  /// Stands for −∞, of which a difference is no number.
  static final String LEAST = "-1.0e38";

  private final CoopHeads heads;
  private final CoopAttentionTile tile;
  private final CoopWriter coop;
  private final ShaderWriter shader;
  private final CodeWriter body;

  private CoopAttentionForward(CoopHeads heads, CoopAttentionTile tile) {
    this.heads = heads;
    this.tile = tile;
    coop = new CoopWriter(tile.lanes());
    shader = coop.shader();
    body = shader.body();
  }

  static Stage write(CoopHeads heads, CoopAttentionTile tile, List<Place> from, List<Place> to) {
    return new CoopAttentionForward(heads, tile).write(from, to);
  }

  private Stage write(List<Place> from, List<Place> to) {
    Bound result = shader.matrix(to.get(0), true);
    Bound denominators = shader.writes(to.get(1));
    List<Bound> bound = from.stream().map(place -> shader.matrix(place, false)).toList();
    int blocks = Math.ceilDiv(heads.queries(), tile.rows());
    // The last queries see the most keys: they begin first.
    List<String> at = shader.coordinates("group", List.of(blocks, heads.batch(), heads.heads()));
    String batch = at.get(1);
    String head = at.get(2);
    String first = shader.let("int", "(", blocks - 1, " - ", at.get(0), ") * ", tile.rows());
    String keyHead = shader.let("int", head, " / ", heads.members());
    functions(denominators);
    Tensor q = CoopHeads.tensor(coop, "queries", bound.get(0), batch, head, tile.rows(), false);
    Tensor k = CoopHeads.tensor(coop, "keys", bound.get(1), batch, keyHead, tile.columns(), true);
    Tensor v =
        CoopHeads.tensor(coop, "values", bound.get(2), batch, keyHead, tile.columns(), false);
    String queryType = CoopWriter.halves(tile.rows(), heads.d(), Use.LEFT);
    coop.load("q", queryType, q, new Slice(first, tile.rows(), "0", heads.d()));
    coop.zeros("sum", tile.rows(), heads.e());
    if (tile.holds(heads.keys())) {
      scores(k, first, "0");
      coop.reduceRows("most", tile.rows(), tile.columns(), "scores", "most_of");
      coop.each("scores", "weight", "most");
      coop.reduceRows("total", tile.rows(), tile.columns(), "scores", "sum_of");
      coop.each("most", "finish", "total", batch, head, first);
      add(v, "0");
    } else {
      String last = "min(" + first + " + " + (tile.rows() - 1) + ", " + (heads.queries() - 1) + ")";
      String end = shader.let("int", heads.seen(last));
      String loop = "for (int start = 0; start < " + end + "; start += " + tile.columns() + ")";
      coop.fill("most", tile.rows(), tile.columns(), LEAST);
      coop.zeros("total", tile.rows(), tile.columns());
      body.block(loop, () -> statistics(k, first));
      coop.each("most", "finish", "total", batch, head, first);
      body.block(
          loop,
          () -> {
            scores(k, first, "start");
            coop.each("scores", "weight", "most");
            add(v, "start");
          });
    }
    store(result, batch, head, first);
    return shader.stage((long) blocks * heads.batch() * heads.heads());
  }

  private void functions(Bound denominators) {
    masked();
    combining(shader);
    shader.function(
        "float weight(const in uint r, const in uint c, const in float score, const in float most)",
        () -> body().line("return score <= ", LEAST, " ? 0.0 : exp(score - most);"));
    shader.function(
        "float normalized(const in uint r, const in uint c, const in float weight,"
            + " const in float total)",
        () -> body().line("return total > 0.0 ? weight / total : 0.0;"));
    // A lane may be asked twice for an element: writing the same number again does no harm.
    shader.function(
        "float finish(const in uint r, const in uint c, const in float most, const in float total,"
            + " const in int batch, const in int head, const in int first)",
        () -> {
          String query = shader.let("int", "first + int(r)");
          String position = CoopHeads.position(denominators, "batch", "head", query);
          String least = Glsl.literal(Float.NEGATIVE_INFINITY);
          body()
              .block(
                  "if (c == 0u && " + query + " < " + heads.queries() + ")",
                  () ->
                      shader.store(
                          denominators,
                          position,
                          "(total > 0.0 ? most + log(total) : " + least + ")"));
          body().line("return most;");
        });
  }

  /// While a function is written the body is another.
  private CodeWriter body() {
    return shader.body();
  }

  private void masked() {
    shader.function(
        "float masked(const in uint r, const in uint c, const in float score, const in int first,"
            + " const in int start)",
        () -> {
          String seen = heads.seen("(first + int(r))");
          String scaled = "score * " + Glsl.literal((float) heads.scale());
          body().line("return start + int(c) < ", seen, " ? ", scaled, " : ", LEAST, ";");
        });
  }

  /// Functions of two elements of a row or a column.
  static void combining(ShaderWriter shader) {
    shader.function(
        "float most_of(const in float a, const in float b)",
        () -> shader.body().line("return max(a, b);"));
    shader.function(
        "float sum_of(const in float a, const in float b)",
        () -> shader.body().line("return a + b;"));
  }

  private void scores(Tensor k, String first, String start) {
    String keyType = CoopWriter.halves(heads.d(), tile.columns(), Use.RIGHT);
    coop.load("k", keyType, k, new Slice(start, tile.columns(), "0", heads.d()));
    coop.zeros("scores", tile.rows(), tile.columns());
    coop.multiply("scores", "q", "k");
    coop.each("scores", "masked", first, start);
  }

  /// Maximum and sum of the rows with a further block.
  private void statistics(Tensor k, String first) {
    shader.function(
        "float kept(const in uint r, const in uint c, const in float total, const in float before,"
            + " const in float most)",
        () -> body().line("return total * exp(before - most);"));
    shader.function(
        "float larger(const in uint r, const in uint c, const in float most, const in float before)",
        () -> body().line("return max(most, before);"));
    scores(k, first, "start");
    coop.reduceRows("block", tile.rows(), tile.columns(), "scores", "most_of");
    coop.each("block", "larger", "most");
    coop.each("total", "kept", "most", "block");
    body.line("most = block;");
    coop.each("scores", "weight", "most");
    coop.reduceRows("more", tile.rows(), tile.columns(), "scores", "sum_of");
    body.line("total = total + more;");
  }

  private void add(Tensor v, String start) {
    coop.each("scores", "normalized", "total");
    String weights = CoopWriter.halves(tile.rows(), tile.columns(), Use.LEFT);
    coop.convert("weights", weights, "scores");
    String values = CoopWriter.halves(tile.columns(), heads.e(), Use.RIGHT);
    coop.load("v", values, v, new Slice(start, tile.columns(), "0", heads.e()));
    coop.multiply("sum", "weights", "v");
  }

  private void store(Bound result, String batch, String head, String first) {
    Tensor to = CoopHeads.tensor(coop, "results", result, batch, head, tile.rows(), false);
    store(coop, "sum", to, new Slice(first, tile.rows(), "0", heads.e()));
  }

  /// Writes sums in the type of a tensor.
  static void store(CoopWriter coop, String sums, Tensor to, Slice slice) {
    String from = sums;
    if (to.bound().place().dtype() == DType.F16) {
      from = sums + "_rounded";
      coop.convert(from, CoopWriter.halves(slice.lines(), slice.count(), Use.SUMS), sums);
    }
    coop.store(from, to, slice);
  }
}
