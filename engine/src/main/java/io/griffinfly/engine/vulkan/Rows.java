package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;

/// A shader in which some lanes share a row: they run through its elements side by side and combine
/// what each has found. Where the device promises a subgroup size, a row belongs to a subgroup and
/// values are exchanged by shuffles; elsewhere to a workgroup, through shared memory. The order of
/// a sum depends on the number of lanes alone.
final class Rows {
  private static final int LANES = 64;

  private final ShaderWriter shader;
  private final int width;
  private final boolean shuffles;
  private final int rowsOfGroup;

  private Rows(ShaderWriter shader, int width, boolean shuffles, int rowsOfGroup) {
    this.shader = shader;
    this.width = width;
    this.shuffles = shuffles;
    this.rowsOfGroup = rowsOfGroup;
  }

  static Rows of(DeviceProfile.Gpu gpu) {
    int subgroup = gpu.subgroupSize();
    if (subgroup == 0) {
      ShaderWriter shader = new ShaderWriter(LANES, 0);
      shader.declare("shared float exchange[" + LANES + "];");
      return new Rows(shader, LANES, false, 1);
    }
    int lanes = Math.max(LANES, subgroup);
    return new Rows(new ShaderWriter(lanes, subgroup), subgroup, true, lanes / subgroup);
  }

  ShaderWriter shader() {
    return shader;
  }

  /// Number of lanes that share a row.
  int width() {
    return width;
  }

  /// Declares the row of this lane, and leaves where there is none. Call first.
  ///
  /// @param rows number of rows
  /// @return the variable that holds its number
  String row(long rows) {
    if (!shuffles) {
      return "group";
    }
    String row = shader.let("int", "group * ", rowsOfGroup, " + int(gl_SubgroupID)");
    shader.body().line("if (", row, " >= ", rows, ") { return; }");
    return row;
  }

  /// The variable that holds the number of this lane among those of its row.
  String lane() {
    return shuffles ? "int(gl_SubgroupInvocationID)" : "lane";
  }

  /// A loop of the lanes through the elements of a row.
  void each(String variable, Object count, Runnable body) {
    shader
        .body()
        .block(
            "for (int "
                + variable
                + " = "
                + lane()
                + "; "
                + variable
                + " < "
                + count
                + "; "
                + variable
                + " += "
                + width
                + ")",
            body);
  }

  /// The sum of a variable over the lanes of the row, on each of them.
  void sum(String variable) {
    combine(variable, other -> variable + " + " + other);
  }

  /// The largest, NaN if one is.
  void max(String variable) {
    combine(variable, other -> shader.call("larger", variable, other));
  }

  private void combine(String variable, java.util.function.UnaryOperator<String> with) {
    CodeWriter body = shader.body();
    if (shuffles) {
      for (int distance = 1; distance < width; distance *= 2) {
        String other = "subgroupShuffleXor(" + variable + ", " + distance + "u)";
        body.line(variable, " = ", with.apply(other), ";");
      }
      return;
    }
    for (int distance = 1; distance < width; distance *= 2) {
      body.line("exchange[lane] = ", variable, ";");
      body.line("barrier();");
      body.line(variable, " = ", with.apply("exchange[lane ^ " + distance + "]"), ";");
      body.line("barrier();");
    }
  }

  /// Writes something that only one lane of the row does.
  void once(Runnable body) {
    shader.body().block("if (" + lane() + " == 0)", body);
  }

  /// The stage for so many rows.
  Stage stage(long rows) {
    return shader.stage(Math.ceilDiv(rows, rowsOfGroup));
  }
}
