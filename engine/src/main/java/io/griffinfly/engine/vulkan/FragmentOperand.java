package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// An operand of a tile's product on its way from memory to fragments.
///
/// @param shader the kernel
/// @param tile how the product is cut
/// @param allDepth depth of the product
/// @param use A or B
/// @param bound its memory, in groups of 16 bytes
/// @param start where its matrix begins
/// @param first the tile's first row of A, first column of B
/// @param extent the tile's rows or columns
/// @param all rows or columns of the matrix
/// @param depthStride from depth to depth
/// @param lineStride from row to row of A, from column to column of B
/// @param shared where its part of the shared memory begins
record FragmentOperand(
    ShaderWriter shader,
    FragmentTile tile,
    int allDepth,
    String use,
    Bound bound,
    String start,
    String first,
    int extent,
    int all,
    long depthStride,
    long lineStride,
    int shared) {
  private boolean alongDepth() {
    return depthStride == 1;
  }

  /// Lines of 16-byte groups in shared memory.
  private int lines() {
    return alongDepth() ? extent : tile.depth();
  }

  /// Groups of a line.
  private int groups() {
    return (alongDepth() ? tile.depth() : extent) / 8;
  }

  /// From line to line: odd, so that eight lines lie in different banks.
  private int pitch() {
    return groups() + 1;
  }

  /// Where what follows in shared memory begins.
  int end() {
    return shared + lines() * pitch();
  }

  /// Groups of 16 bytes that a lane brings at a time.
  int count() {
    return Math.ceilDiv(lines() * groups(), tile.lanes());
  }

  private String number(int i) {
    return "(lane + " + i * tile.lanes() + ")";
  }

  private String line(int i) {
    return number(i) + " / " + groups();
  }

  private String group(int i) {
    return number(i) + " % " + groups();
  }

  /// Loads the part of a depth into registers.
  ///
  /// @param depth where the part begins
  /// @param into `uvec4` variables, as many as [#count]
  void load(String depth, List<String> into) {
    CodeWriter body = shader.body();
    for (int i = 0; i < into.size(); i++) {
      String group = group(i) + " * 8";
      String k = depth + " + " + (alongDepth() ? group : line(i));
      String at = first + " + " + (alongDepth() ? line(i) : group);
      if (all % extent != 0) {
        // What is read twice is not stored.
        at = "min(" + at + ", " + (all - (alongDepth() ? 1 : 8)) + ")";
      }
      String position =
          start + " + (" + at + ") * " + lineStride + " + (" + k + ") * " + depthStride;
      String value = into.get(i) + " = " + bound.name() + "[(" + position + ") >> 3];";
      if (allDepth % (tile.depth() * tile.splits()) == 0) {
        body.line(value);
      } else {
        body.line(into.get(i), " = uvec4(0u);");
        body.block("if (" + k + " < " + allDepth + ")", () -> body.line(value));
      }
    }
  }

  /// Writes what was loaded to shared memory.
  void keep(List<String> values) {
    int groups = lines() * groups();
    for (int i = 0; i < values.size(); i++) {
      String place = shared + " + " + line(i) + " * " + pitch() + " + " + group(i);
      String store = "scratch[" + place + "] = " + values.get(i) + ";";
      if ((i + 1) * tile.lanes() <= groups) {
        shader.body().line(store);
      } else {
        shader.body().line("if (", number(i), " < ", groups, ") { ", store, " }");
      }
    }
  }

  /// Loads fragments from shared memory.
  ///
  /// @param subgroup which of the subgroups that share the tile's rows or columns this is
  /// @param count fragments of a subgroup
  /// @param depth where they begin
  void fragments(String subgroup, int count, String depth) {
    boolean isLeft = use.equals("A");
    int lines = isLeft ? tile.shape().m() : tile.shape().n();
    String type =
        isLeft
            ? FragmentTile.fragment("float16_t", tile.shape().m(), tile.shape().k(), use)
            : FragmentTile.fragment("float16_t", tile.shape().k(), tile.shape().n(), use);
    // Rows of A and columns of B lie along the depth, or depths along them.
    String order =
        "gl_CooperativeMatrixLayout" + (isLeft == alongDepth() ? "RowMajor" : "ColumnMajor");
    CodeWriter body = shader.body();
    for (int i = 0; i < count; i++) {
      String line = "(" + subgroup + " * " + count + " + " + i + ") * " + lines;
      String at =
          alongDepth()
              ? line + " * " + pitch() + " + " + depth + " / 8"
              : depth + " * " + pitch() + " + " + line + " / 8";
      body.line(type, " ", use, i, ";");
      body.line(
          "coopMatLoad(",
          use,
          i,
          ", scratch, ",
          shared,
          " + ",
          at,
          ", ",
          pitch(),
          ", ",
          order,
          ");");
    }
  }
}
