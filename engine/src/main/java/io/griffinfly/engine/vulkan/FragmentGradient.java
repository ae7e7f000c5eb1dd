package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.FragmentWriter.Shared;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.function.UnaryOperator;

/// What the two kernels of attention's gradient on the matrix units of subgroups have in common:
/// the sums of a result times its gradient, and the step from scores and the gradients of weights
/// to the gradients of scores.
///
/// @param heads the attention
/// @param tile how it is cut
/// @param writer of the kernel
/// @param scores of a block
/// @param change gradients of the block's weights
record FragmentGradient(
    CoopHeads heads,
    FragmentAttentionTile tile,
    FragmentWriter writer,
    Shared scores,
    Shared change) {
  /// Writes the functions that [#step] calls.
  void functions() {
    ShaderWriter shader = writer.shader();
    String scale = Glsl.literal((float) heads.scale());
    shader.function(
        "vec4 weight(uvec4 score, vec4 logarithm, bvec4 seen)",
        () -> {
          String exponent = "uintBitsToFloat(score) * " + scale + " - logarithm";
          String weights = shader.call("decays", exponent);
          shader.body().line("return mix(vec4(0.0), ", weights, ", seen);");
        });
    shader.function(
        "vec4 gradient(vec4 weight, uvec4 change, vec4 total)",
        () ->
            shader.body().line("return ", scale, " * weight * (uintBitsToFloat(change) - total);"));
    shader.function(
        "float dot_halves(uvec4 a, uvec4 b, float sum)",
        () -> {
          String lower = along("xy");
          shader.body().line("sum = ", lower, ";");
          shader.body().line("return ", along("zw"), ";");
        });
  }

  private String along(String halves) {
    ShaderWriter shader = writer.shader();
    String a = shader.call("from_halves", "a." + halves);
    return shader.call("along", a, shader.call("from_halves", "b." + halves), "sum");
  }

  /// Adds up each vector of results times its gradient: some lanes a vector, each a part.
  ///
  /// @param parts where the numbers of the lanes begin
  void products(
      Bound results, Bound changes, String batch, String head, String first, int rows, int parts) {
    ShaderWriter shader = writer.shader();
    int lanes = tile.lanesOf(rows);
    int groups = heads.e() / 8;
    writer.items(
        rows * lanes,
        item -> {
          String vector = shader.let("int", first, " + ", item, " / ", lanes);
          String sum = shader.let("float", "0.0");
          shader
              .body()
              .block(
                  "for (int g = "
                      + item
                      + " % "
                      + lanes
                      + "; g < "
                      + groups
                      + "; g += "
                      + lanes
                      + ")",
                  () -> {
                    String y = FragmentWriter.eight(results, batch, head, vector, "g");
                    String dy = FragmentWriter.eight(changes, batch, head, vector, "g");
                    String left = shader.let("uvec4", y);
                    String right = shader.let("uvec4", dy);
                    shader.body().line(sum, " = dot_halves(", left, ", ", right, ", ", sum, ");");
                  });
          shader.body().line("numbers[", parts, " + ", item, "] = ", sum, ";");
        });
  }

  /// Adds up the parts of each vector, behind a barrier.
  void totals(int rows, int parts, int totals) {
    ShaderWriter shader = writer.shader();
    int lanes = tile.lanesOf(rows);
    writer.items(
        rows,
        row -> {
          String sum = shader.let("float", "0.0");
          String part = "numbers[" + parts + " + " + row + " * " + lanes + " + part]";
          shader.body().loop("part", lanes, () -> shader.body().line(sum, " += ", part, ";"));
          shader.body().line("numbers[", totals, " + ", row, "] = ", sum, ";");
        });
  }

  /// Writes the weights of eight scores and the gradients of these.
  ///
  /// @param row GLSL of their row
  /// @param group GLSL of their group of eight
  /// @param seen from the first column of four to GLSL of which of them count
  /// @param logarithms the same of the logarithms of their denominators
  /// @param totals the same of the sums that are subtracted
  /// @return GLSL of the weights and of the gradients, in halves
  Steps step(
      String row,
      String group,
      UnaryOperator<String> seen,
      UnaryOperator<String> logarithms,
      UnaryOperator<String> totals) {
    ShaderWriter shader = writer.shader();
    String[] weights = new String[2];
    String[] gradients = new String[2];
    for (int i = 0; i < 2; i++) {
      String four = shader.let("int", group, " * 2 + ", i);
      String column = shader.let("int", four, " * 4");
      String weight =
          shader.let(
              "vec4",
              "weight(",
              scores.unit(row, four),
              ", ",
              logarithms.apply(column),
              ", ",
              seen.apply(column),
              ")");
      String upstream = change.unit(row, four);
      String total = totals.apply(column);
      weights[i] = shader.call("to_halves", weight);
      gradients[i] =
          shader.call("to_halves", "gradient(" + weight + ", " + upstream + ", " + total + ")");
    }
    return new Steps(
        "uvec4(" + weights[0] + ", " + weights[1] + ")",
        "uvec4(" + gradients[0] + ", " + gradients[1] + ")");
  }

  /// GLSL of eight halves each.
  ///
  /// @param weights of scores
  /// @param gradients of the scores
  record Steps(String weights, String gradients) {}
}
