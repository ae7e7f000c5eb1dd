package io.griffinfly.engine.vulkan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Writes sums of columns with the weights that each row has for them: a lane sums four elements of
/// some rows over some of the columns, and at the end the lanes' sums are added through shared
/// memory.
final class WeightedSum {
  /// Fours of columns that a lane reads at once: 16 vectors in 64 registers.
  private static final int BATCH = 4;

  private final AttentionBlock block;
  private final AttentionTile tile;
  private final ShaderWriter shader;
  private final CodeWriter body;
  private final HeadVectors vectors;
  private final int fours;
  private final int splits;
  private final int used;
  private final String sums;
  private final String four;
  private final String line;
  private final String split;
  private final String row;

  /// @param vectors the columns
  /// @param count how many there are
  WeightedSum(AttentionBlock block, HeadVectors vectors, int count) {
    this.block = block;
    this.vectors = vectors;
    tile = block.tile();
    shader = block.shader();
    body = shader.body();
    fours = vectors.width();
    splits = tile.splits(fours);
    sums = block.sums(fours);
    four = shader.let("int", block.self(), " % ", fours);
    line = shader.let("int", block.self(), " / ", fours);
    split = shader.let("int", line, " % ", splits);
    used = Math.min(tile.columnFours(), Math.ceilDiv(count, AttentionTile.COLUMNS));
    row = shader.let("int", line, " / ", splits, " % ", tile.rowGroups(), " * ", tile.laneRows());
  }

  /// Fours of columns of a lane.
  private int laneFours() {
    return Math.ceilDiv(used, splits);
  }

  /// Whether a lane reads all of its columns at once.
  private boolean atOnce() {
    return laneFours() <= BATCH;
  }

  void clear() {
    block.each("i", splits * tile.rows() * fours, () -> body.line(sums, "[i] = vec4(0.0);"));
  }

  /// Reads the lane's columns of a batch.
  ///
  /// @param batch GLSL of the number of its first four of columns among the lane's
  /// @return fours of columns
  private List<List<String>> read(String start, String last, String batch) {
    List<List<String>> read = new ArrayList<>();
    for (int x = 0; x < Math.min(BATCH, laneFours()); x++) {
      List<String> columns = new ArrayList<>();
      String number = number(batch, x);
      for (int j = 0; j < AttentionTile.COLUMNS; j++) {
        String column =
            shader.let(
                "int", AttentionBlock.atMost(start + " + (" + number + ") * 4 + " + j, last));
        String at = shader.let("int", vectors.position(column));
        columns.add(shader.let("vec4", vectors.load(at, four)));
      }
      read.add(columns);
    }
    return read;
  }

  private String number(String batch, int x) {
    return split + " + (" + batch + " + " + x + ") * " + splits;
  }

  /// Reads all of the lane's columns of a block, if they are read at once: call it early.
  List<List<String>> ahead(String start, String last) {
    return atOnce() ? read(start, last, "0") : List.of();
  }

  /// Adds a block.
  ///
  /// @param ahead what was read ahead of it
  /// @param weights array of weights
  /// @param kept GLSL of the factor of what a row has so far, from its number; empty if it has
  ///   nothing
  void add(
      List<List<String>> ahead,
      String start,
      String last,
      String weights,
      UnaryOperator<String> kept) {
    List<String> lane = zeros();
    if (atOnce()) {
      add(lane, ahead, "0", weights);
    } else {
      body.block(
          "for (int batch = 0; batch < " + laneFours() + "; batch += " + BATCH + ")",
          () -> add(lane, read(start, last, "batch"), "batch", weights));
    }
    keep(lane, kept);
  }

  private List<String> zeros() {
    List<String> lane = new ArrayList<>();
    for (int r = 0; r < tile.laneRows(); r++) {
      lane.add(shader.let("vec4", "vec4(0.0)"));
    }
    return lane;
  }

  private void add(List<String> lane, List<List<String>> columns, String batch, String weights) {
    boolean exact =
        Math.ceilDiv(laneFours(), columns.size()) * columns.size() * splits <= tile.columnFours();
    for (int x = 0; x < columns.size(); x++) {
      String number = shader.let("int", number(batch, x));
      for (int r = 0; r < lane.size(); r++) {
        String at = "(" + row + " + " + r + ") * " + tile.columnFours() + " + " + number;
        String weight = weights + "[" + at + "]";
        String w =
            shader.let(
                "vec4",
                exact
                    ? weight
                    : number + " < " + tile.columnFours() + " ? " + weight + " : vec4(0.0)");
        for (int j = 0; j < AttentionTile.COLUMNS; j++) {
          String sum = lane.get(r);
          body.line(
              sum,
              " = fma(vec4(",
              w,
              ".",
              AttentionBlock.component(j),
              "), ",
              columns.get(x).get(j),
              ", ",
              sum,
              ");");
        }
      }
    }
  }

  private void keep(List<String> lane, UnaryOperator<String> kept) {
    Runnable write =
        () -> {
          for (int r = 0; r < lane.size(); r++) {
            String at =
                shader.let(
                    "int",
                    "(",
                    split,
                    " * ",
                    tile.rows(),
                    " + ",
                    row,
                    " + ",
                    r,
                    ") * ",
                    fours,
                    " + ",
                    four);
            String factor = kept.apply(row + " + " + r);
            body.line(
                sums,
                "[",
                at,
                "] = ",
                factor.isEmpty()
                    ? lane.get(r)
                    : "fma(" + sums + "[" + at + "], vec4(" + factor + "), " + lane.get(r) + ")",
                ";");
          }
        };
    if (tile.lanes() == fours * splits * tile.rowGroups()) {
      write.run();
    } else {
      body.block("if (" + line + " < " + splits * tile.rowGroups() + ")", write);
    }
  }

  /// Writes the finished sums.
  ///
  /// @param first variable of the first row
  /// @param count rows of the head
  /// @param factor GLSL of what a row is multiplied with, from its number; empty for 1
  void store(HeadVectors to, String first, int count, UnaryOperator<String> factor) {
    block.each(
        "i",
        tile.rows() * fours,
        () -> {
          String r = shader.let("int", "i / ", fours);
          String number = shader.let("int", first, " + ", r);
          body.block(
              "if (" + number + " < " + count + ")",
              () -> {
                String sum = shader.let("vec4", sums, "[i]");
                for (int s = 1; s < splits; s++) {
                  body.line(sum, " = ", sum, " + ", sums, "[", s * tile.rows() * fours, " + i];");
                }
                String by = factor.apply(r);
                if (!by.isEmpty()) {
                  body.line(sum, " = ", sum, " * ", by, ";");
                }
                String at = shader.let("int", to.position(number));
                to.store(at, shader.let("int", "i % ", fours), sum);
              });
        });
  }
}
