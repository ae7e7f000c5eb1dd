package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Writes the gradients of attention's keys and values: a workgroup has some keys and runs through
/// the queries, of all the heads that they serve, that see one of them.
final class AttentionKeyGradient {
  /// A block of 256 queries for keys of 64 elements.
  private static final int MOST_LANES = 256;

  /// For more queries than these, twice the keys a workgroup save more than longer blocks.
  private static final int MANY_QUERIES = 512;

  private final AttentionShape shape;
  private final AttentionTile tile;
  private final ShaderWriter shader;
  private final CodeWriter body;
  private final AttentionBlock block;
  private final boolean single;
  private final String first;
  private final String batch;
  private final String head;

  private AttentionKeyGradient(AttentionShape shape, AttentionTile tile) {
    this.shape = shape;
    this.tile = tile;
    shader = AttentionBlock.shader(tile);
    body = shader.body();
    block = new AttentionBlock(shader, tile);
    single = shape.rows() <= tile.columns();
    // The first keys are seen by the most queries: they begin first.
    List<String> at =
        shader.coordinates("group", List.of(groups(), shape.batch(), shape.keyHeads()));
    batch = at.get(1);
    head = at.get(2);
    first = shader.let("int", at.get(0), " * ", tile.rows());
  }

  static Optional<AttentionTile> tile(AttentionShape shape, DeviceProfile.Gpu gpu) {
    return AttentionTile.choose(
        gpu,
        (long) shape.batch() * shape.keyHeads(),
        shape.keys(),
        shape.rows(),
        shape.widestFours(),
        shape.rows() > MANY_QUERIES ? MOST_LANES / 2 : MOST_LANES,
        tile ->
            tile.rowBytes(shape.scoreFours())
                + tile.rowBytes(shape.valueFours())
                + 2 * tile.scoreBytes()
                + tile.sumBytes(shape.scoreFours())
                + tile.sumBytes(shape.valueFours())
                + tile.columns() * (tile.parts() + 1) * Float.BYTES);
  }

  private int groups() {
    return Math.ceilDiv(shape.keys(), tile.rows());
  }

  /// Writes the stage.
  ///
  /// @param from operands of the gradient
  /// @param keys gradient of the keys
  /// @param values gradient of the values
  static Stage write(
      AttentionShape shape, AttentionTile tile, List<Place> from, Place keys, Place values) {
    return new AttentionKeyGradient(shape, tile).write(from, keys, values);
  }

  private HeadVectors read(Place place, int members) {
    return HeadVectors.read(shader, place, members, batch, head);
  }

  private Stage write(List<Place> from, Place keyResult, Place valueResult) {
    int members = shape.members();
    HeadVectors toKeys = HeadVectors.written(shader, keyResult, 1, batch, head);
    HeadVectors toValues = HeadVectors.written(shader, valueResult, 1, batch, head);
    HeadVectors q = read(from.get(0), members);
    HeadVectors k = read(from.get(1), 1);
    HeadVectors v = read(from.get(2), 1);
    HeadVectors y = read(from.get(3), members);
    HeadVectors denominators = read(from.get(4), members);
    HeadVectors dy = read(from.get(5), members);
    int end = shape.rows();
    String last = Integer.toString(end - 1);
    String scores = block.scores();
    String gradients = block.scores();
    String totals = block.shared("vec4", tile.parts() * tile.columnFours());
    WeightedSum valueSum = new WeightedSum(block, dy, end);
    WeightedSum keySum = new WeightedSum(block, q, end);
    List<AttentionBlock.Brought> brought =
        List.of(block.rows(k, first, shape.keys()), block.rows(v, first, shape.keys()));
    String keys = brought.get(0).array();
    String values = brought.get(1).array();
    String begin = shader.let("int", shape.firstSeeing(first));
    String start = single ? begin : "start";
    UnaryOperator<String> kept = single ? _ -> "" : _ -> "1.0";
    Runnable one =
        () -> {
          AttentionBlock.Brought logarithms =
              block.numbers(denominators, start, tile.columns(), end);
          List<String> columns = block.columns(start, last);
          List<List<String>> queries = block.slices(q, columns);
          List<List<String>> changes = block.slices(dy, columns);
          List<List<String>> results = block.slices(y, columns);
          if (single) {
            brought.forEach(block::put);
          }
          block.put(logarithms);
          block.columnProducts(changes, results, totals);
          block.barrier();
          block.products(
              List.of(
                  new AttentionBlock.Products(keys, queries, scores),
                  new AttentionBlock.Products(values, changes, gradients)),
              start,
              last + " + 1");
          List<List<String>> aheadValues = valueSum.ahead(start, last);
          List<List<String>> aheadKeys = keySum.ahead(start, last);
          block.barrier();
          weigh(start, scores, gradients, totals, logarithms.array());
          block.barrier();
          valueSum.add(aheadValues, start, last, scores, kept);
          keySum.add(aheadKeys, start, last, gradients, kept);
          block.barrier();
        };
    each(begin, one, brought, valueSum, keySum);
    valueSum.store(toValues, first, shape.keys(), _ -> "");
    keySum.store(toKeys, first, shape.keys(), _ -> "");
    return shader.stage((long) groups() * shape.batch() * shape.keyHeads());
  }

  /// Writes the blocks of queries, one or as many as there are.
  private void each(
      String begin,
      Runnable one,
      List<AttentionBlock.Brought> brought,
      WeightedSum valueSum,
      WeightedSum keySum) {
    if (single) {
      one.run();
    } else {
      brought.forEach(block::put);
      valueSum.clear();
      keySum.clear();
      block.barrier();
      body.block(
          "for (int start = "
              + begin
              + "; start < "
              + shape.rows()
              + "; start += "
              + tile.columns()
              + ")",
          one);
    }
  }

  /// Weights in place of the scores, and gradients of scores in place of those of weights: see
  /// [AttentionQueryGradient].
  private void weigh(
      String start, String scores, String gradients, String totals, String logarithms) {
    block.each(
        "i",
        tile.rows() * tile.columnFours(),
        () -> {
          String row = shader.let("int", "i / ", tile.columnFours());
          String four = shader.let("int", "i % ", tile.columnFours());
          String number = shader.let("int", first, " + ", row);
          String columns = AttentionBlock.ofFour(four);
          String inside = "lessThan(" + columns + ", ivec4(" + shape.rows() + " - " + start + "))";
          String from = shader.let("int", shape.firstSeeing(number), " - ", start);
          String sees =
              shape.mask() == Attention.Mask.NONE
                  ? "bvec4(true)"
                  : "greaterThanEqual(" + columns + ", ivec4(" + from + "))";
          String visible = shader.let("bvec4", "mix(bvec4(false), " + inside + ", " + sees + ")");
          String scale = Glsl.literal((float) shape.scale());
          String score = block.score(scores, row, tile.rows(), four);
          StringBuilder logs = new StringBuilder("vec4(");
          for (int j = 0; j < 4; j++) {
            logs.append(j == 0 ? "" : ", ").append(logarithms + "[" + four + " * 4 + " + j + "]");
          }
          String exponent = score + " * " + scale + " - " + logs + ")";
          String weight = shader.let("vec4", shader.call("decays", exponent));
          String change =
              block.score(gradients, row, tile.rows(), four)
                  + " - "
                  + block.score(totals, "0", 1, four);
          String gradient = shader.let("vec4", scale, " * ", weight, " * (", change, ")");
          body.line(scores, "[i] = mix(vec4(0.0), ", weight, ", ", visible, ");");
          body.line(gradients, "[i] = mix(vec4(0.0), ", gradient, ", ", visible, ");");
        });
  }
}
