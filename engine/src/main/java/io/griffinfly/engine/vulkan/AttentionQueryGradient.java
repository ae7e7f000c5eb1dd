package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Writes the gradient of attention's queries: a workgroup has some queries of one key head and
/// runs through the keys, whose weights it computes again from the logarithms of the denominators.
final class AttentionQueryGradient {
  /// See [AttentionForward]; there are keys and values in registers at once here.
  private static final int MOST_LANES = 128;

  private final AttentionShape shape;
  private final AttentionTile tile;
  private final ShaderWriter shader;
  private final CodeWriter body;
  private final AttentionBlock block;
  private final boolean single;
  private final String first;
  private final String batch;
  private final String head;

  private AttentionQueryGradient(AttentionShape shape, AttentionTile tile) {
    this.shape = shape;
    this.tile = tile;
    shader = AttentionBlock.shader(tile);
    body = shader.body();
    block = new AttentionBlock(shader, tile);
    single = shape.keys() <= tile.columns();
    // The last queries see the most keys: they begin first.
    List<String> at =
        shader.coordinates("group", List.of(groups(), shape.batch(), shape.keyHeads()));
    batch = at.get(1);
    head = at.get(2);
    first = shader.let("int", "(", groups() - 1, " - ", at.get(0), ") * ", tile.rows());
  }

  static Optional<AttentionTile> tile(AttentionShape shape, DeviceProfile.Gpu gpu) {
    return AttentionTile.choose(
        gpu,
        (long) shape.batch() * shape.keyHeads(),
        shape.rows(),
        shape.keys(),
        shape.widestFours(),
        MOST_LANES,
        tile ->
            tile.rowBytes(shape.scoreFours())
                + tile.rowBytes(shape.valueFours())
                + 2 * tile.scoreBytes()
                + tile.sumBytes(shape.scoreFours())
                + tile.rows() * (tile.slices() + 1) * Float.BYTES);
  }

  private int groups() {
    return Math.ceilDiv(shape.rows(), tile.rows());
  }

  /// Writes the stage.
  ///
  /// @param from operands of the gradient
  /// @param to gradient of the queries
  static Stage write(AttentionShape shape, AttentionTile tile, List<Place> from, Place to) {
    return new AttentionQueryGradient(shape, tile).write(from, to);
  }

  private HeadVectors read(Place place, int members) {
    return HeadVectors.read(shader, place, members, batch, head);
  }

  private Stage write(List<Place> from, Place to) {
    int members = shape.members();
    int rows = shape.rows();
    HeadVectors result = HeadVectors.written(shader, to, members, batch, head);
    HeadVectors q = read(from.get(0), members);
    HeadVectors k = read(from.get(1), 1);
    HeadVectors v = read(from.get(2), 1);
    HeadVectors y = read(from.get(3), members);
    HeadVectors denominators = read(from.get(4), members);
    HeadVectors dy = read(from.get(5), members);
    String lastRow = AttentionBlock.atMost(first + " + " + (tile.rows() - 1), rows - 1);
    String end = shader.let("int", shape.seen(lastRow));
    String last = shader.let("int", "max(", end, ", 1) - 1");
    String scores = block.scores();
    String gradients = block.scores();
    WeightedSum sum = new WeightedSum(block, k, shape.keys());
    List<AttentionBlock.Brought> brought =
        List.of(
            block.rows(q, first, rows),
            block.rows(dy, first, rows),
            block.rowProducts(dy, y, first, rows),
            block.numbers(denominators, first, tile.rows(), rows));
    List<String> arrays = brought.stream().map(AttentionBlock.Brought::array).toList();
    String start = single ? shader.let("int", "0") : "start";
    UnaryOperator<String> kept = single ? _ -> "" : _ -> "1.0";
    Runnable one =
        () -> {
          List<String> columns = block.columns(start, last);
          List<AttentionBlock.Products> products =
              List.of(
                  new AttentionBlock.Products(arrays.get(0), block.slices(k, columns), scores),
                  new AttentionBlock.Products(arrays.get(1), block.slices(v, columns), gradients));
          if (single) {
            brought.forEach(block::put);
            block.barrier();
          }
          block.products(products, start, end);
          List<List<String>> ahead = sum.ahead(start, last);
          block.barrier();
          weigh(start, scores, gradients, arrays.get(2), arrays.get(3));
          block.barrier();
          sum.add(ahead, start, last, scores, kept);
          block.barrier();
        };
    if (single) {
      one.run();
    } else {
      brought.forEach(block::put);
      sum.clear();
      block.barrier();
      body.block("for (int start = 0; start < " + end + "; start += " + tile.columns() + ")", one);
    }
    sum.store(result, first, rows, _ -> "");
    return shader.stage((long) groups() * shape.batch() * shape.keyHeads());
  }

  /// Gradients of scores in place of the scores: scale · weight · (gradient − total), the total
  /// that of the result times its gradient. Its sums are in the order of the others: a query that
  /// sees one key has a gradient of exactly 0.
  private void weigh(
      String start, String scores, String gradients, String totals, String logarithms) {
    block.each(
        "i",
        tile.rows() * tile.columnFours(),
        () -> {
          String row = shader.let("int", "i / ", tile.columnFours());
          String four = shader.let("int", "i % ", tile.columnFours());
          String number =
              shader.let("int", AttentionBlock.atMost(first + " + " + row, shape.rows() - 1));
          String seen = shader.let("int", shape.seen(number), " - ", start);
          String scale = Glsl.literal((float) shape.scale());
          String score = block.score(scores, row, tile.rows(), four);
          String exponent = score + " * " + scale + " - " + logarithms + "[" + row + "]";
          String weight = shader.let("vec4", shader.call("decays", exponent));
          String change =
              block.score(gradients, row, tile.rows(), four)
                  + " - "
                  + block.rowProduct(totals, row);
          String visible = "lessThan(" + AttentionBlock.ofFour(four) + ", ivec4(" + seen + "))";
          String gradient = scale + " * " + weight + " * (" + change + ")";
          body.line(scores, "[i] = mix(vec4(0.0), ", gradient, ", ", visible, ");");
        });
  }
}
