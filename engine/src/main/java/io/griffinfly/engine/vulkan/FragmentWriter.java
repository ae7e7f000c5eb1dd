package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Writes what kernels are made of whose subgroups multiply matrices in shared memory
/// (VK_KHR_cooperative_matrix): matrices of halves and of sums there, and sums in fragments, which
/// the subgroups of a workgroup share among them.
final class FragmentWriter {
  /// A matrix in shared memory.
  ///
  /// @param start where it begins, in units of 16 bytes
  /// @param rows its rows
  /// @param columns its columns
  /// @param inUnit elements of a unit: 8 halves or 4 of single precision
  record Shared(int start, int rows, int columns, int inUnit) {
    /// From row to row in units: odd, so that rows lie in different banks.
    int pitch() {
      return columns / inUnit | 1;
    }

    private int end() {
      return start + rows * pitch();
    }

    /// GLSL of a unit.
    String unit(String row, String number) {
      return "scratch[" + start + " + " + row + " * " + pitch() + " + " + number + "]";
    }
  }

  /// A matrix of sums in the fragments of all subgroups.
  ///
  /// @param name prefix of its variables
  /// @param rows its rows
  /// @param columns its columns
  record Sums(String name, int rows, int columns) {}

  private final FragmentAttentionTile tile;
  private final ShaderWriter shader;
  private int units;
  private int numbers;

  FragmentWriter(FragmentAttentionTile tile) {
    this.tile = tile;
    shader = new ShaderWriter(tile.lanes(), tile.subgroupSize());
    shader.extension("GL_KHR_memory_scope_semantics");
    shader.extension("GL_KHR_cooperative_matrix");
    shader.extension("GL_EXT_shader_explicit_arithmetic_types_float16");
  }

  ShaderWriter shader() {
    return shader;
  }

  private CodeWriter body() {
    return shader.body();
  }

  /// Takes shared memory for halves.
  Shared halves(int rows, int columns) {
    return take(new Shared(units, rows, columns, 8));
  }

  /// Takes shared memory for sums.
  Shared sums(int rows, int columns) {
    return take(new Shared(units, rows, columns, 4));
  }

  /// Takes the shared memory of others again, from the first on.
  Shared sumsOverAll(int rows, int columns) {
    return take(new Shared(0, rows, columns, 4));
  }

  /// Halves where others are, which are no longer than them.
  Shared halvesOver(Shared other, int rows, int columns) {
    return take(new Shared(other.start, rows, columns, 8));
  }

  private Shared take(Shared matrix) {
    units = Math.max(units, matrix.end());
    return matrix;
  }

  /// Takes shared memory for some numbers.
  ///
  /// @return where they begin in `numbers`
  int numbers(int count) {
    numbers += count;
    return numbers - count;
  }

  /// Shared memory that was taken.
  int bytes() {
    return units * 16 + numbers * Float.BYTES;
  }

  /// Declares what was taken.
  void declare() {
    shader.declare("shared uvec4 scratch[" + units + "];");
    shader.declare("shared float numbers[" + numbers + "];");
  }

  void barrier() {
    body().line("barrier();");
  }

  /// Writes what lanes do with so many items, given the variable of an item's number.
  void items(int count, Consumer<String> item) {
    body()
        .loop(
            "turn",
            Math.ceilDiv(count, tile.lanes()),
            () -> {
              String number = shader.let("int", "turn * ", tile.lanes(), " + lane");
              if (count % tile.lanes() == 0) {
                item.accept(number);
              } else {
                body().block("if (" + number + " < " + count + ")", () -> item.accept(number));
              }
            });
  }

  /// The same with units of a matrix: the variables of a row and of a unit's number in it.
  void units(int rows, int inRow, BiConsumer<String, String> unit) {
    items(
        rows * inRow,
        item -> {
          String row = shader.let("int", item, " / ", inRow);
          unit.accept(row, shader.let("int", item, " - ", row, " * ", inRow));
        });
  }

  /// Brings vectors of a head into shared memory; zeros stand for those behind the last.
  ///
  /// @param to where to
  /// @param vectors of all heads, in groups of eight halves
  /// @param batch GLSL of the batch
  /// @param head GLSL of the head
  /// @param first GLSL of the first vector
  void stage(Shared to, Bound vectors, String batch, String head, String first) {
    units(
        to.rows,
        to.columns / 8,
        (row, group) -> {
          String vector = shader.let("int", first, " + ", row);
          body().line(to.unit(row, group), " = ", eight(vectors, batch, head, vector, group), ";");
        });
  }

  /// GLSL of a group of eight halves of a vector, zeros behind the last vector.
  static String eight(Bound vectors, String batch, String head, String vector, String group) {
    Place place = vectors.place();
    String position =
        vectors.position(
            List.of(batch, head, vector, group + " * 8"),
            List.of(place.stride(0), place.stride(1), place.stride(2), 1L));
    String value = vectors.name() + "[(" + position + ") >> 3]";
    return vector + " < " + place.dim(2) + " ? " + value + " : uvec4(0u)";
  }

  private int across(Sums sums) {
    return sums.columns / tile.shape().n();
  }

  private int fragments(Sums sums) {
    return sums.rows / tile.shape().m() * across(sums);
  }

  private int each(Sums sums) {
    return Math.ceilDiv(fragments(sums), FragmentAttentionTile.SUBGROUPS);
  }

  private interface Fragment {
    /// @param name its variable
    /// @param row of its first element, GLSL
    /// @param column of its first element, GLSL
    void write(String name, String row, String column);
  }

  /// Writes what a subgroup does with each of its fragments.
  private void each(Sums sums, Fragment fragment) {
    int each = each(sums);
    for (int i = 0; i < each; i++) {
      String name = sums.name + i;
      String number = "(int(gl_SubgroupID) * " + each + " + " + i + ")";
      String row = number + " / " + across(sums) + " * " + tile.shape().m();
      String column = number + " % " + across(sums) + " * " + tile.shape().n();
      boolean all = fragments(sums) % (each * FragmentAttentionTile.SUBGROUPS) == 0;
      String guard = all ? "" : "if (" + number + " < " + fragments(sums) + ")";
      body().block(guard, () -> fragment.write(name, row, column));
    }
  }

  /// Declares sums that are zero.
  Sums zeros(String name, int rows, int columns) {
    Sums sums = new Sums(name, rows, columns);
    String type = FragmentTile.fragment("float", tile.shape().m(), tile.shape().n(), "Accumulator");
    for (int i = 0; i < each(sums); i++) {
      body().line(type, " ", name, i, " = ", type, "(0.0);");
    }
    return sums;
  }

  /// Adds a product.
  ///
  /// @param left its rows, along the depth
  /// @param right its columns along the depth if turned, else its depths
  void multiply(Sums sums, Shared left, Shared right, boolean turned) {
    int k = tile.shape().k();
    String leftType = FragmentTile.fragment("float16_t", tile.shape().m(), k, "A");
    String rightType = FragmentTile.fragment("float16_t", k, tile.shape().n(), "B");
    body()
        .loop(
            "k",
            left.columns / k,
            () ->
                each(
                    sums,
                    (name, row, column) -> {
                      body().line(leftType, " a;");
                      load("a", left, row, "k * " + k, false);
                      body().line(rightType, " b;");
                      if (turned) {
                        load("b", right, column, "k * " + k, true);
                      } else {
                        load("b", right, "k * " + k, column, false);
                      }
                      body().line(name, " = coopMatMulAdd(a, b, ", name, ");");
                    }));
  }

  private void load(String name, Shared from, String row, String column, boolean turned) {
    String at = from.start + " + " + row + " * " + from.pitch() + " + " + column + " / 8";
    String order = "gl_CooperativeMatrixLayout" + (turned ? "ColumnMajor" : "RowMajor");
    body().line("coopMatLoad(", name, ", scratch, ", at, ", ", from.pitch(), ", ", order, ");");
  }

  /// Writes sums to shared memory.
  void put(Sums sums, Shared to) {
    each(
        sums,
        (name, row, column) -> {
          String at = to.start + " + " + row + " * " + to.pitch() + " + " + column + " / 4";
          String order = "gl_CooperativeMatrixLayoutRowMajor";
          body()
              .line("coopMatStore(", name, ", scratch, ", at, ", ", to.pitch(), ", ", order, ");");
        });
  }

  /// Stores sums as vectors of a head, by way of shared memory that nobody needs any more.
  ///
  /// @param over where to
  /// @param result vectors of all heads, in groups of four
  void store(Sums sums, Shared over, Bound result, String batch, String head, String first) {
    barrier();
    put(sums, over);
    barrier();
    Place place = result.place();
    units(
        sums.rows,
        sums.columns / 4,
        (row, four) -> {
          String vector = shader.let("int", first, " + ", row);
          String position =
              result.position(
                  List.of(batch, head, vector, four + " * 4"),
                  List.of(place.stride(0), place.stride(1), place.stride(2), 1L));
          String value = "uintBitsToFloat(" + over.unit(row, four) + ")";
          body()
              .block(
                  "if (" + vector + " < " + place.dim(2) + ")",
                  () -> shader.storeFour(result, position, value));
        });
  }
}
