package io.griffinfly.engine.vulkan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Writes the parts that attention kernels are made of: products of rows in shared memory with
/// columns in registers, and weighted sums of columns. Sums are taken in one order, whether lanes
/// exchange values by shuffles or through shared memory, and the same for every product.
final class AttentionBlock {
  private static final String[] COMPONENTS = {"x", "y", "z", "w"};

  private final ShaderWriter shader;
  private final CodeWriter body;
  private final AttentionTile tile;
  private final String self;
  private final String quad;
  private final String slice;

  AttentionBlock(ShaderWriter shader, AttentionTile tile) {
    this.shader = shader;
    this.tile = tile;
    body = shader.body();
    self =
        shader.let(
            "int",
            tile.shuffles()
                ? "int(gl_SubgroupID) * " + tile.subgroupSize() + " + int(gl_SubgroupInvocationID)"
                : "lane");
    quad = shader.let("int", self, " / ", tile.slices());
    slice = shader.let("int", self, " % ", tile.slices());
  }

  static String component(int index) {
    return COMPONENTS[index];
  }

  /// GLSL of the numbers of four columns.
  ///
  /// @param four a variable: their number among the block's fours
  static String ofFour(String four) {
    return "ivec4(" + four + " * 4) + ivec4(0, 1, 2, 3)";
  }

  static ShaderWriter shader(AttentionTile tile) {
    return new ShaderWriter(tile.lanes(), tile.subgroupSize());
  }

  /// The variable of the lane's number.
  String self() {
    return self;
  }

  void barrier() {
    body.line("barrier();");
  }

  /// A loop of all lanes through items.
  void each(String variable, Object count, Runnable each) {
    body.block(
        "for (int "
            + variable
            + " = "
            + self
            + "; "
            + variable
            + " < "
            + count
            + "; "
            + variable
            + " += "
            + tile.lanes()
            + ")",
        each);
  }

  /// A variable of shared memory.
  String shared(String type, int elements) {
    String name = shader.variable("shared_");
    shader.declare("shared " + type + " " + name + "[" + elements + "];");
    return name;
  }

  String scores() {
    return shared("vec4", tile.scoreBytes() / 16);
  }

  String sums(int fours) {
    return shared("vec4", tile.sumBytes(fours) / 16);
  }

  /// GLSL of the lesser of a number and the last one.
  static String atMost(String number, Object last) {
    return "min(" + number + ", " + last + ")";
  }

  /// What a lane has read and will put into shared memory: reads that do not wait for each other
  /// come first, all of them.
  ///
  /// @param array in shared memory
  /// @param items of the array
  /// @param values GLSL of items `lane`, `lane + lanes`, .., of variables that have been read
  record Brought(String array, int items, List<String> values) {}

  /// Reads items, one a lane after the other.
  ///
  /// @param read reads an item, from the variable of its number
  private Brought bring(String type, int items, UnaryOperator<String> read) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < items; i += tile.lanes()) {
      String item = shader.let("int", atMost(self + " + " + i, items - 1));
      values.add(read.apply(item));
    }
    return new Brought(shared(type, items), items, values);
  }

  /// Puts what was read into shared memory.
  void put(Brought brought) {
    for (int u = 0; u < brought.values.size(); u++) {
      String item = self + " + " + u * tile.lanes();
      boolean all = (u + 1) * tile.lanes() <= brought.items;
      String where = all ? "" : "if (" + item + " < " + brought.items + ") ";
      body.line(where, brought.array, "[", item, "] = ", brought.values.get(u), ";");
    }
  }

  /// Reads rows. What is beyond the last row repeats it.
  ///
  /// @param first variable of the first row
  /// @param count rows of the head
  Brought rows(HeadVectors vectors, String first, int count) {
    int fours = vectors.width();
    int pitch = tile.pitch(fours);
    return bring(
        "vec4",
        tile.rows() * pitch,
        item -> {
          String four = shader.let("int", item, " % ", pitch);
          String row = shader.let("int", atMost(first + " + " + item + " / " + pitch, count - 1));
          String at = shader.let("int", vectors.position(row));
          return shader.let("vec4", inside(vectors.load(at, four), four, fours, pitch));
        });
  }

  /// Reads numbers. What is beyond the last repeats it.
  ///
  /// @param first variable of the first
  /// @param count how many
  /// @param all how many there are in the head
  Brought numbers(HeadVectors vectors, String first, int count, int all) {
    return bring(
        "float",
        count,
        item -> {
          String number = shader.let("int", atMost(first + " + " + item, all - 1));
          String at = shader.let("int", vectors.position(number));
          return shader.let("float", vectors.load(at));
        });
  }

  private static String inside(String value, String four, int fours, int padded) {
    return padded == fours ? value : four + " < " + fours + " ? " + value + " : vec4(0.0)";
  }

  /// The numbers of the columns of this lane. What is beyond the last column repeats it.
  ///
  /// @param start variable of the block's first column
  /// @param last variable of the last column
  List<String> columns(String start, String last) {
    return fourColumns(start, quad, last);
  }

  private List<String> fourColumns(String start, String four, String last) {
    List<String> columns = new ArrayList<>();
    for (int j = 0; j < AttentionTile.COLUMNS; j++) {
      columns.add(shader.let("int", atMost(start + " + " + four + " * 4 + " + j, last)));
    }
    return columns;
  }

  /// Reads this lane's slice of its columns.
  ///
  /// @return for each column its fours
  List<List<String>> slices(HeadVectors vectors, List<String> columns) {
    int fours = vectors.width();
    List<List<String>> slices = new ArrayList<>();
    for (String column : columns) {
      String at = shader.let("int", vectors.position(column));
      List<String> chunks = new ArrayList<>();
      for (int i = 0; i < tile.chunks(fours); i++) {
        String four = i * tile.slices() + " + " + slice;
        boolean whole = (i + 1) * tile.slices() <= fours;
        String value = vectors.load(at, four);
        chunks.add(
            shader.let("vec4", whole ? value : inside(value, four, fours, tile.pitch(fours))));
      }
      slices.add(chunks);
    }
    return slices;
  }

  /// Products of all rows with this lane's columns.
  ///
  /// @param rows array of the rows
  /// @param columns slices of the columns
  /// @param scores array of the products
  record Products(String rows, List<List<String>> columns, String scores) {}

  /// Writes products, some rows at a time, so that reads of one row and sums of another overlap.
  /// Lanes whose columns are all behind the end write nothing.
  ///
  /// @param start variable of the block's first column
  /// @param end GLSL of the first column that no row needs
  void products(List<Products> all, String start, String end) {
    int step = Math.min(tile.rows(), all.size() == 1 ? 4 : 2);
    body.block(
        "if (" + start + " + " + quad + " * " + AttentionTile.COLUMNS + " < " + end + ")",
        () ->
            body.block(
                "for (int r = 0; r < " + tile.rows() + "; r += " + step + ")",
                () -> {
                  for (int u = 0; u < step; u++) {
                    String row = shader.let("int", "r + ", u);
                    all.forEach(each -> products(each, row));
                  }
                }));
  }

  private void products(Products of, String row) {
    int chunks = of.columns.getFirst().size();
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      String at = row + " * " + chunks * tile.slices() + " + " + i * tile.slices() + " + " + slice;
      elements.add(shader.let("vec4", of.rows, "[", at, "]"));
    }
    put(of.scores, row, tile.rows(), dots(elements, of.columns));
  }

  /// The sum of products of each column, over this lane's slice.
  ///
  /// @param row fours of the row's slice
  private String dots(List<String> row, List<List<String>> columns) {
    String sums = shader.let("vec4", "vec4(0.0)");
    for (int i = 0; i < row.size(); i++) {
      for (int j = 0; j < columns.size(); j++) {
        along(sums + "." + COMPONENTS[j], columns.get(j).get(i), row.get(i));
      }
    }
    return sums;
  }

  private void along(String sum, String a, String b) {
    body.line(sum, " = ", shader.call("along", a, b, sum), ";");
  }

  /// Products of each column with a column of its own: see [#dots].
  ///
  /// @param to array of one row
  void columnProducts(List<List<String>> a, List<List<String>> b, String to) {
    String sums = shader.let("vec4", "vec4(0.0)");
    for (int i = 0; i < a.getFirst().size(); i++) {
      for (int j = 0; j < a.size(); j++) {
        along(sums + "." + COMPONENTS[j], a.get(j).get(i), b.get(j).get(i));
      }
    }
    put(to, "0", 1, sums);
  }

  /// Products of each row with a row of its own: `slices` parts a row.
  Brought rowProducts(HeadVectors a, HeadVectors b, String first, int count) {
    int slices = tile.slices();
    int pitch = tile.pitch(a.width());
    return bring(
        "float",
        tile.rows() * slices,
        item -> {
          String row = shader.let("int", atMost(first + " + " + item + " / " + slices, count - 1));
          String slice = shader.let("int", item, " % ", slices);
          String atA = shader.let("int", a.position(row));
          String atB = shader.let("int", b.position(row));
          List<String> as = new ArrayList<>();
          List<String> bs = new ArrayList<>();
          for (int chunk = 0; chunk < tile.chunks(a.width()); chunk++) {
            String four = shader.let("int", slice, " + ", chunk * slices);
            as.add(shader.let("vec4", inside(a.load(atA, four), four, a.width(), pitch)));
            bs.add(shader.let("vec4", inside(b.load(atB, four), four, a.width(), pitch)));
          }
          String sum = "0.0";
          for (int chunk = 0; chunk < as.size(); chunk++) {
            sum = shader.call("along", as.get(chunk), bs.get(chunk), sum);
          }
          return sum;
        });
  }

  /// Adds what the lanes of a column have of their sums, and keeps it; or keeps the parts, where
  /// lanes cannot exchange values. Each lane gives away the sums that it does not keep.
  private void put(String array, String row, int rows, String sums) {
    String at = row + " * " + tile.columnFours() + " + " + quad;
    int slices = tile.slices();
    if (!tile.shuffles()) {
      body.line(array, "[", slice, " * ", rows * tile.columnFours(), " + ", at, "] = ", sums, ";");
      return;
    }
    if (slices == 1) {
      body.line(array, "[", at, "] = ", sums, ";");
      return;
    }
    String odd = "(" + slice + " & 1) != 0";
    String kept = shader.let("vec2", odd, " ? ", sums, ".zw : ", sums, ".xy");
    String given = shader.let("vec2", odd, " ? ", sums, ".xy : ", sums, ".zw");
    body.line(kept, " = ", kept, " + subgroupShuffleXor(", given, ", 1u);");
    String first = shader.let("int", "(", slice, " & 1) * 2");
    if (slices == 2) {
      body.line(array, "[", at, "][", first, "] = ", kept, ".x;");
      body.line(array, "[", at, "][", first, " + 1] = ", kept, ".y;");
      return;
    }
    String second = "(" + slice + " & 2) != 0";
    String sum = shader.let("float", second, " ? ", kept, ".y : ", kept, ".x");
    String other = shader.let("float", second, " ? ", kept, ".x : ", kept, ".y");
    body.line(sum, " = ", sum, " + subgroupShuffleXor(", other, ", 2u);");
    for (int distance = 4; distance < slices; distance *= 2) {
      body.line(sum, " = ", sum, " + subgroupShuffleXor(", sum, ", ", distance, "u);");
    }
    String only = slices > 4 ? "if (" + slice + " < 4) " : "";
    body.line(only, array, "[", at, "][", first, " + ((", slice, " >> 1) & 1)] = ", sum, ";");
  }

  /// GLSL of four products of a row.
  ///
  /// @param rows number of rows in the array
  /// @param four GLSL of their number among the fours of the block's columns
  String score(String array, String row, int rows, String four) {
    String at = row + " * " + tile.columnFours() + " + " + four;
    return parts(
        i -> array + "[" + i * rows * tile.columnFours() + " + " + at + "]", 0, tile.parts());
  }

  /// GLSL of a product of [#rowProducts].
  String rowProduct(String array, String row) {
    return parts(
        i -> array + "[" + row + " * " + tile.slices() + " + " + i + "]", 0, tile.slices());
  }

  /// The order in which shuffles add.
  private static String parts(java.util.function.IntFunction<String> part, int from, int end) {
    if (end - from == 1) {
      return part.apply(from);
    }
    int middle = (from + end) / 2;
    return "(" + parts(part, from, middle) + " + " + parts(part, middle, end) + ")";
  }

  AttentionTile tile() {
    return tile;
  }

  ShaderWriter shader() {
    return shader;
  }
}
