package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/// A shader for GPUs in which the lanes of a workgroup share a row, so that each holds its few
/// groups of four elements in registers and all of them are asked for before the first is used: a
/// read takes some 0.7 us, and most rows are worth one. Rows so short that a subgroup holds them
/// belong to one. The order of a sum depends on the number of lanes alone.
final class GroupRows {
  /// Most lanes of a row that needs no more: with more, exchanges cost what reads save.
  private static final int USUAL_LANES = 256;

  /// Most lanes that a row gets.
  private static final int MOST_LANES = 1024;

  /// Fours that a lane of so many holds in registers at most.
  private static final int HELD = 8;

  /// Lanes that sum up between two barriers where the device promises no subgroup size.
  private static final int BLOCK = 16;

  private static final int SHORT_ROW_LANES = 64;

  private final ShaderWriter shader;
  private final int subgroup;
  private final int width;
  private final int rowsOfGroup;

  private GroupRows(DeviceProfile.Gpu gpu, int width, int rowsOfGroup) {
    this.shader = new ShaderWriter(width * rowsOfGroup, gpu.subgroupSize());
    this.subgroup = gpu.subgroupSize();
    this.width = width;
    this.rowsOfGroup = rowsOfGroup;
  }

  /// Whether the lanes of a row can hold it in registers.
  ///
  /// @param fours groups of four elements of a row
  static boolean holds(int fours, DeviceProfile.Gpu gpu) {
    return fours > 0 && fours <= HELD * Math.min(MOST_LANES, gpu.workgroupLanes());
  }

  /// Rows that a workgroup holds in registers, or a subgroup if they are short.
  static GroupRows holding(int fours, DeviceProfile.Gpu gpu) {
    int subgroup = gpu.subgroupSize();
    if (subgroup > 0 && fours <= subgroup) {
      return new GroupRows(gpu, subgroup, Math.max(1, SHORT_ROW_LANES / subgroup));
    }
    int most = fours > USUAL_LANES * HELD / 2 ? MOST_LANES : USUAL_LANES;
    int each = Math.ceilDiv(fours, Math.min(most, gpu.workgroupLanes()));
    return wide(Math.ceilDiv(fours, each), gpu);
  }

  /// Rows of a workgroup of about so many lanes.
  static GroupRows wide(long lanes, DeviceProfile.Gpu gpu) {
    int unit = gpu.subgroupSize() == 0 ? BLOCK : gpu.subgroupSize();
    int most = Math.min(MOST_LANES, gpu.workgroupLanes()) / unit;
    int units = Math.clamp(Math.ceilDiv(lanes, unit), 1, Math.max(1, most));
    return new GroupRows(gpu, units * unit, 1);
  }

  ShaderWriter shader() {
    return shader;
  }

  /// Number of lanes that share a row.
  int width() {
    return width;
  }

  /// Declares the row of this lane, and leaves where there is none. Call first.
  String row(long rows) {
    if (rowsOfGroup == 1) {
      return "group";
    }
    String row = shader.let("int", "group * ", rowsOfGroup, " + int(gl_SubgroupID)");
    // Only whole subgroups leave, and those of such a workgroup never wait for each other.
    shader.body().line("if (", row, " >= ", rows, ") { return; }");
    return row;
  }

  /// The number of this lane among those of its row.
  String lane() {
    return rowsOfGroup == 1 ? "lane" : "int(gl_SubgroupInvocationID)";
  }

  /// A group of four elements of a row.
  ///
  /// @param element variable of its first element, inside of the row in any case
  /// @param inside GLSL of whether it is one of this lane's; "true" where that is always so
  record Four(String element, String inside) {
    /// The value where the group is one of the lane's, else another.
    String or(String value, String otherwise) {
      return inside.equals("true") ? value : "(" + inside + " ? " + value + " : " + otherwise + ")";
    }

    /// Writes what is done only with a group of the lane's.
    void when(CodeWriter body, Runnable code) {
      if (inside.equals("true")) {
        code.run();
      } else {
        body.block("if (" + inside + ")", code);
      }
    }
  }

  /// Fours that each lane takes of a row.
  int share(int fours) {
    return Math.ceilDiv(fours, width);
  }

  /// Declares some of the lane's fours, side by side with those of its neighbours.
  ///
  /// @param begin GLSL of the first of all lanes' fours
  /// @param count how many of them each lane takes
  /// @param end GLSL of the first four that is none of the row's
  /// @param full whether the lanes' fours end before that in any case
  List<Four> fours(String begin, int count, Object end, boolean full) {
    List<Four> fours = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String number = shader.let("int", begin, " + ", i * width, " + ", lane());
      String inside = full ? "true" : shader.let("bool", number, " < ", end);
      // A place that is read twice costs less than a branch around a read.
      String four = full ? number : "min(" + number + ", " + end + " - 1)";
      fours.add(new Four(shader.let("int", four, " * 4"), inside));
    }
    return fours;
  }

  /// Declares all of the lane's fours of a row.
  List<Four> fours(int fours) {
    int share = share(fours);
    List<Four> all = new ArrayList<>(fours("0", share - 1, fours, true));
    String last = Integer.toString((share - 1) * width);
    all.addAll(fours(last, 1, fours, share * width == fours));
    return all;
  }

  /// The sums of variables over the lanes of the row, on each of them.
  void sum(String... variables) {
    combine((a, b) -> a + " + " + b, variables);
  }

  /// The largest of a variable, NaN if one is.
  void max(String variable) {
    combine((a, b) -> shader.call("larger", a, b), variable);
  }

  /// The largest of a variable; where one is NaN it may be any.
  void maxOfNumbers(String variable) {
    combine((a, b) -> "max(" + a + ", " + b + ")", variable);
  }

  private void combine(BinaryOperator<String> with, String... variables) {
    CodeWriter body = shader.body();
    String writes;
    String unit;
    int unitLanes;
    if (subgroup > 0) {
      for (int distance = 1; distance < subgroup; distance *= 2) {
        for (String variable : variables) {
          String other = "subgroupShuffleXor(" + variable + ", " + distance + "u)";
          body.line(variable, " = ", with.apply(variable, other), ";");
        }
      }
      writes = "if (gl_SubgroupInvocationID == 0) ";
      unit = "int(gl_SubgroupID)";
      unitLanes = subgroup;
    } else {
      String start = shader.let("int", "lane / ", BLOCK, " * ", BLOCK);
      exchange("", "lane", width, start, BLOCK, with, variables);
      unit = "lane / " + BLOCK;
      writes = "if (lane % " + BLOCK + " == 0) ";
      unitLanes = BLOCK;
    }
    if (width > unitLanes) {
      exchange(writes, unit, width / unitLanes, "0", width / unitLanes, with, variables);
    }
  }

  /// Lanes put their variables down, and every lane combines some of what was put down.
  ///
  /// @param writes the condition under which it does, with the `if`; empty for always
  /// @param slot where it puts them
  /// @param slots number of slots
  /// @param start first slot that it combines
  /// @param count how many
  private void exchange(
      String writes,
      String slot,
      int slots,
      String start,
      int count,
      BinaryOperator<String> with,
      String... variables) {
    CodeWriter body = shader.body();
    List<String> arrays = new ArrayList<>();
    for (String variable : variables) {
      // Each exchange has memory of its own, so that one barrier is enough.
      String array = shader.variable("exchange");
      shader.declare("shared float " + array + "[" + slots + "];");
      body.line(writes, "{ ", array, "[", slot, "] = ", variable, "; }");
      arrays.add(array);
    }
    body.line("barrier();");
    for (int i = 0; i < variables.length; i++) {
      String array = arrays.get(i);
      String variable = variables[i];
      body.line(variable, " = ", array, "[", start, "];");
      String s = shader.variable("s");
      body.block(
          "for (int " + s + " = 1; " + s + " < " + count + "; " + s + "++)",
          () ->
              body.line(
                  variable,
                  " = ",
                  with.apply(variable, array + "[" + start + " + " + s + "]"),
                  ";"));
    }
  }

  /// Writes something that only one lane of the row does.
  void once(Runnable code) {
    shader.body().block("if (" + lane() + " == 0)", code);
  }

  /// The stage for so many rows.
  Stage stage(long rows) {
    return shader.stage(Math.ceilDiv(rows, rowsOfGroup));
  }
}
