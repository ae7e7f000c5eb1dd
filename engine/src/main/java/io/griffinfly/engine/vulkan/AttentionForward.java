package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes attention as one dispatch without a matrix of scores in memory (Dao et al. 2022): a
/// workgroup has some queries of one key head and runs through the keys in blocks, of which there
/// is often one.
final class AttentionForward {
  /// Lanes of a workgroup: with keys of 64 elements a block is 128 keys, in 64 registers a lane.
  private static final int MOST_LANES = 128;

  private static final String LEAST = Glsl.literal(Float.NEGATIVE_INFINITY);

  private final AttentionShape shape;
  private final AttentionTile tile;
  private final ShaderWriter shader;
  private final CodeWriter body;
  private final AttentionBlock block;
  private final boolean single;
  private final String first;
  private final String batch;
  private final String head;

  private AttentionForward(AttentionShape shape, AttentionTile tile) {
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
                + tile.scoreBytes()
                + tile.sumBytes(shape.valueFours())
                + (tile.lanes() + 2 * tile.rows()) * Float.BYTES);
  }

  private int groups() {
    return Math.ceilDiv(shape.rows(), tile.rows());
  }

  static Stage write(AttentionShape shape, AttentionTile tile, List<Place> from, List<Place> to) {
    return new AttentionForward(shape, tile).write(from, to);
  }

  private HeadVectors read(Place place, int members) {
    return HeadVectors.read(shader, place, members, batch, head);
  }

  private Stage write(List<Place> from, List<Place> to) {
    int members = shape.members();
    HeadVectors result = HeadVectors.written(shader, to.get(0), members, batch, head);
    HeadVectors denominators = HeadVectors.written(shader, to.get(1), members, batch, head);
    HeadVectors q = read(from.get(0), members);
    HeadVectors k = read(from.get(1), 1);
    HeadVectors v = read(from.get(2), 1);
    int rows = shape.rows();
    String lastRow = AttentionBlock.atMost(first + " + " + (tile.rows() - 1), rows - 1);
    String end = shader.let("int", shape.seen(lastRow));
    String last = shader.let("int", "max(", end, ", 1) - 1");
    String scores = block.scores();
    WeightedSum sum = new WeightedSum(block, v, shape.keys());
    Softmax softmax = new Softmax(scores);
    AttentionBlock.Brought queries = block.rows(q, first, rows);
    String start = single ? shader.let("int", "0") : "start";
    Runnable one =
        () -> {
          List<List<String>> keys = block.slices(k, block.columns(start, last));
          List<List<String>> ahead = sum.ahead(start, last);
          if (single) {
            block.put(queries);
            block.barrier();
          }
          block.products(
              List.of(new AttentionBlock.Products(queries.array(), keys, scores)), start, end);
          block.barrier();
          softmax.block(start);
          if (single) {
            softmax.finish(denominators);
          }
          block.barrier();
          sum.add(ahead, start, last, scores, single ? _ -> "" : softmax::factor);
          block.barrier();
        };
    if (single) {
      one.run();
    } else {
      block.put(queries);
      sum.clear();
      block.barrier();
      body.block("for (int start = 0; start < " + end + "; start += " + tile.columns() + ")", one);
      softmax.finish(denominators);
      block.barrier();
    }
    sum.store(result, first, rows, softmax::inverse);
    return shader.stage((long) groups() * shape.batch() * shape.keyHeads());
  }

  /// From scores to weights, of which the largest so far is 1: some lanes a row.
  private final class Softmax {
    private final String scores;
    private final String factors = single ? "" : block.shared("float", tile.rows());
    private final String inverses = block.shared("float", tile.rows());
    private final String exchange;
    private final int width = tile.lanesOfRow();
    private final String line;
    private final String row;
    private final String own;
    private final String largest;
    private final String total;

    Softmax(String scores) {
      this.scores = scores;
      exchange = exchanges() ? block.shared("float", tile.lanes()) : "";
      line = shader.let("int", block.self(), " / ", width);
      own = shader.let("int", block.self(), " % ", width);
      row = shader.let("int", AttentionBlock.atMost(line, tile.rows() - 1));
      largest = shader.let("float", LEAST);
      total = shader.let("float", "0.0");
    }

    private boolean exchanges() {
      return width > 1 && width > tile.subgroupSize();
    }

    private void block(String start) {
      String number =
          shader.let("int", AttentionBlock.atMost(first + " + " + row, shape.rows() - 1));
      String seen = shader.let("int", shape.seen(number), " - ", start);
      List<String> values = new ArrayList<>();
      List<String> visible = new ArrayList<>();
      String most = shader.let("float", LEAST);
      int fours = Math.ceilDiv(tile.columnFours(), width);
      for (int u = 0; u < fours; u++) {
        String four = shader.let("int", four(u));
        String end =
            inside(u) ? seen : number(u) + " < " + tile.columnFours() + " ? " + seen + " : 0";
        visible.add(
            shader.let("bvec4", "lessThan(", AttentionBlock.ofFour(four), ", ivec4(", end, "))"));
        String score = block.score(scores, row, tile.rows(), four);
        String scaled = score + " * " + Glsl.literal((float) shape.scale());
        String value =
            shader.let("vec4", "mix(vec4(", LEAST, "), ", scaled, ", ", visible.get(u), ")");
        values.add(value);
        for (int j = 0; j < 4; j++) {
          String element = value + "." + AttentionBlock.component(j);
          body.line(most, " = ", shader.call("larger", most, element), ";");
        }
      }
      combine(most, other -> shader.call("larger", most, other));
      String before = shader.let("float", largest);
      body.line(largest, " = ", shader.call("larger", largest, most), ";");
      String sum = shader.let("float", "0.0");
      for (int u = 0; u < fours; u++) {
        String power = shader.call("decays", values.get(u) + " - " + largest);
        String weight = shader.let("vec4", "mix(vec4(0.0), ", power, ", ", visible.get(u), ")");
        body.line(
            sum, " = ", sum, " + (", weight, ".x + ", weight, ".y) + (", weight, ".z + ", weight,
            ".w);");
        String at = scores + "[" + row + " * " + tile.columnFours() + " + " + four(u) + "]";
        body.line(writes(u), at, " = ", weight, ";");
      }
      combine(sum, other -> sum + " + " + other);
      // Where nothing was seen and nothing is, the difference of infinities is not a number.
      String same = before + " == " + largest;
      String factor =
          shader.let("float", same, " ? 1.0 : ", shader.call("decay", before + " - " + largest));
      body.line(total, " = fma(", total, ", ", factor, ", ", sum, ");");
      if (!single) {
        body.line(once(), factors, "[", row, "] = ", factor, ";");
      }
    }

    /// The number of a lane's four of columns; the last ones may repeat the block's last.
    private String four(int u) {
      return inside(u) ? number(u) : AttentionBlock.atMost(number(u), tile.columnFours() - 1);
    }

    private boolean inside(int u) {
      return (u + 1) * width <= tile.columnFours();
    }

    private String number(int u) {
      return own + " + " + u * width;
    }

    private String writes(int u) {
      String rows = line + " < " + tile.rows();
      String columns = number(u) + " < " + tile.columnFours();
      return "if (" + (inside(u) ? rows : rows + " && " + columns) + ") ";
    }

    private String once() {
      return "if (" + own + " == 0 && " + line + " < " + tile.rows() + ") ";
    }

    private void combine(String value, java.util.function.UnaryOperator<String> with) {
      for (int distance = 1; distance < width; distance *= 2) {
        if (!exchanges()) {
          String other = "subgroupShuffleXor(" + value + ", " + distance + "u)";
          body.line(value, " = ", with.apply(other), ";");
          continue;
        }
        body.line(exchange, "[", block.self(), "] = ", value, ";");
        block.barrier();
        String other = exchange + "[" + block.self() + " ^ " + distance + "]";
        body.line(value, " = ", with.apply(other), ";");
        block.barrier();
      }
    }

    String factor(String of) {
      return factors + "[" + of + "]";
    }

    String inverse(String of) {
      return inverses + "[" + of + "]";
    }

    /// Writes the logarithms, and what the sums are to be multiplied with.
    void finish(HeadVectors denominators) {
      String none = total + " == 0.0 && " + largest + " == " + LEAST;
      body.line(once(), inverses, "[", row, "] = ", none, " ? 0.0 : 1.0 / ", total, ";");
      String number = shader.let("int", first, " + ", row);
      body.block(
          once() + "if (" + number + " < " + shape.rows() + ")",
          () -> {
            String logarithm = shader.let("float", largest, " + ", shader.call("logarithm", total));
            String at = shader.let("int", denominators.position(number));
            denominators.store(at, none + " ? " + LEAST + " : " + logarithm);
          });
    }
  }
}
