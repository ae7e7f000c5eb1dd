package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.CoopWriter.Slice;
import io.griffinfly.engine.vulkan.CoopWriter.Tensor;
import io.griffinfly.engine.vulkan.CoopWriter.Use;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;

/// Writes what the kernels of attention on matrix units do with single elements.
final class CoopFunctions {
  private CoopFunctions() {}

  /// Functions of two elements of a row or a column.
  static void combining(ShaderWriter shader) {
    shader.function(
        "float most_of(const in float a, const in float b)",
        () -> shader.body().line("return max(a, b);"));
    shader.function(
        "float sum_of(const in float a, const in float b)",
        () -> shader.body().line("return a + b;"));
  }

  /// Writes the function from a score to its weight, by the logarithm of its denominator.
  ///
  /// @param query GLSL of the number of its query
  /// @param key GLSL of that of its key
  static void weight(
      ShaderWriter shader, CoopHeads heads, Bound denominators, String query, String key) {
    shader.function(
        "float weight(const in uint r, const in uint c, const in float score, const in int first,"
            + " const in int start, const in int batch, const in int head)",
        () -> {
          CodeWriter body = shader.body();
          String row = shader.let("int", query);
          String behind = row + " >= " + heads.queries();
          String hidden = key + " >= " + heads.seen(row);
          body.line("if (", behind, " || ", hidden, ") { return 0.0; }");
          String position = CoopHeads.position(denominators, "batch", "head", row);
          String scaled = "score * " + Glsl.literal((float) heads.scale());
          String logarithm = shader.load(denominators, position);
          body.line("return exp(", scaled, " - ", logarithm, ");");
        });
  }

  /// Writes the function from a weight and its gradient to the gradient of its score.
  static void gradient(ShaderWriter shader, CoopHeads heads) {
    String scale = Glsl.literal((float) heads.scale());
    shader.function(
        "float gradient(const in uint r, const in uint c, const in float weight,"
            + " const in float change, const in float total)",
        () -> shader.body().line("return ", scale, " * weight * (change - total);"));
  }

  /// Declares the products of results and their gradients, element by element.
  static void product(CoopWriter coop, Tensor y, Tensor dy, int rows, int columns, Slice slice) {
    String halves = CoopWriter.halves(rows, columns, Use.SUMS);
    String sums = CoopWriter.sums(rows, columns);
    coop.load("result", halves, y, slice);
    coop.load("upstream", halves, dy, slice);
    coop.convert("product", sums, "result");
    coop.convert("factor", sums, "upstream");
    coop.shader().body().line("product = product * factor;");
  }
}
