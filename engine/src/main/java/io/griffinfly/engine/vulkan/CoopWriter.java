package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;

/// Writes what kernels for the matrix units of workgroups are made of (GL_NV_cooperative_matrix2):
/// matrices that all lanes hold together, and the tensors in memory that they are read from.
final class CoopWriter {
  private static final String CLAMP = "gl_CooperativeMatrixClampModeConstantNV";

  /// What a matrix is for in a product.
  enum Use {
    LEFT("A"),
    RIGHT("B"),
    SUMS("Accumulator");

    private final String name;

    Use(String name) {
      this.name = name;
    }
  }

  private final ShaderWriter shader;

  CoopWriter(int lanes) {
    shader = new ShaderWriter(lanes, 0);
    shader.extension("GL_KHR_memory_scope_semantics");
    shader.extension("GL_KHR_cooperative_matrix");
    shader.extension("GL_NV_cooperative_matrix2");
    shader.extension("GL_EXT_shader_explicit_arithmetic_types_float16");
  }

  ShaderWriter shader() {
    return shader;
  }

  /// The type of a matrix of halves.
  static String halves(int rows, int columns, Use use) {
    return matrix("float16_t", rows, columns, use);
  }

  /// The type of a matrix of sums.
  static String sums(int rows, int columns) {
    return matrix("float", rows, columns, Use.SUMS);
  }

  private static String matrix(String type, int rows, int columns, Use use) {
    return "coopmat<"
        + type
        + ", gl_ScopeWorkgroup, "
        + rows
        + ", "
        + columns
        + ", gl_MatrixUse"
        + use.name
        + ">";
  }

  /// A variable of sums that are zero.
  void zeros(String name, int rows, int columns) {
    fill(name, rows, columns, "0.0");
  }

  /// A variable of sums that are a number.
  void fill(String name, int rows, int columns, String value) {
    String type = sums(rows, columns);
    shader.body().line(type, " ", name, " = ", type, "(", value, ");");
  }

  /// A variable with the elements of another of the same extents, in another type or for another
  /// use.
  void convert(String name, String type, String from) {
    shader.body().line(type, " ", name, " = ", type, "(", from, ");");
  }

  /// A matrix in memory whose last axis is without gaps.
  ///
  /// @param name of its layout in the shader
  /// @param bound its memory
  /// @param start GLSL of where it begins, in elements
  /// @param turned whether rows of the matrices read from it are its columns
  record Tensor(String name, Bound bound, String start, boolean turned) {
    /// The same, read as it lies.
    Tensor straight() {
      return new Tensor(name, bound, start, false);
    }
  }

  /// Extents of a matrix in memory.
  ///
  /// @param lines its rows
  /// @param line its columns
  /// @param stride from row to row
  record Extents(int lines, int line, long stride) {}

  /// Declares a matrix in memory.
  ///
  /// @param whole whether nothing behind its edges is asked for; else that reads as zeros, and is
  ///   not written
  Tensor tensor(
      String name, Bound bound, String start, Extents extents, boolean whole, boolean turned) {
    CodeWriter body = shader.body();
    String type = "<2" + (whole ? "" : ", " + CLAMP) + ">";
    String made = "createTensorLayoutNV(2" + (whole ? "" : ", " + CLAMP) + ")";
    body.line("tensorLayoutNV", type, " ", name, " = ", made, ";");
    String dims = extents.lines + ", " + extents.line;
    body.line(name, " = setTensorLayoutDimensionNV(", name, ", ", dims, ");");
    body.line(name, " = setTensorLayoutStrideNV(", name, ", ", extents.stride, ", 1);");
    if (turned) {
      body.line(
          "tensorViewNV<2, false, 1, 0> ", name, "_turned = createTensorViewNV(2, false, 1, 0);");
    }
    return new Tensor(name, bound, start, turned);
  }

  /// A part of a matrix in memory.
  ///
  /// @param line GLSL of its first row
  /// @param lines its rows
  /// @param at GLSL of its first column
  /// @param count its columns
  record Slice(String line, int lines, String at, int count) {
    private String of(String layout) {
      return "sliceTensorLayoutNV("
          + layout
          + ", "
          + line
          + ", "
          + lines
          + ", "
          + at
          + ", "
          + count
          + ")";
    }
  }

  /// Declares a matrix and reads it.
  void load(String name, String type, Tensor tensor, Slice slice) {
    shader.body().line(type, " ", name, ";");
    shader
        .body()
        .line(
            "coopMatLoadTensorNV(",
            name,
            ", ",
            tensor.bound.name(),
            ", uint(",
            tensor.start,
            "), ",
            slice.of(tensor.name),
            tensor.turned ? ", " + tensor.name + "_turned" : "",
            ");");
  }

  /// Writes a matrix.
  void store(String name, Tensor tensor, Slice slice) {
    shader
        .body()
        .line(
            "coopMatStoreTensorNV(",
            name,
            ", ",
            tensor.bound.name(),
            ", uint(",
            tensor.start,
            "), ",
            slice.of(tensor.name),
            ");");
  }

  /// Adds a product.
  void multiply(String sum, String left, String right) {
    shader.body().line(sum, " = coopMatMulAdd(", left, ", ", right, ", ", sum, ");");
  }

  /// Passes every element of a matrix through a function of its row, its column and itself, and of
  /// what else is given: elements at the same place of other matrices, or numbers.
  void each(String matrix, String function, String... arguments) {
    StringBuilder more = new StringBuilder();
    for (String argument : arguments) {
      more.append(", ").append(argument);
    }
    shader.body().line("coopMatPerElementNV(", matrix, ", ", matrix, ", ", function, more, ");");
  }

  /// Declares a matrix of sums whose every row is what a function makes of that of another, two
  /// elements at a time.
  void reduceRows(String name, int rows, int columns, String from, String function) {
    reduce(name, rows, columns, from, "Row", function);
  }

  /// The same of columns.
  void reduceColumns(String name, int rows, int columns, String from, String function) {
    reduce(name, rows, columns, from, "Column", function);
  }

  private void reduce(
      String name, int rows, int columns, String from, String which, String function) {
    shader.body().line(sums(rows, columns), " ", name, ";");
    String mask = "gl_CooperativeMatrixReduce" + which + "NV";
    shader.body().line("coopMatReduceNV(", name, ", ", from, ", ", mask, ", ", function, ");");
  }
}
