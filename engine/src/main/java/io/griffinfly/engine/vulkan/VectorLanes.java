package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.List;

/// A shader of products of a few rows, whose lanes are numbered so that those of a subgroup are
/// neighbours, and the exchange of sums between them.
final class VectorLanes {
  private final ShaderWriter shader;
  private final int subgroup;

  private VectorLanes(ShaderWriter shader, int subgroup) {
    this.shader = shader;
    this.subgroup = subgroup;
  }

  /// Begins a shader: `own` is the number of a lane in its workgroup.
  static VectorLanes begin(int lanes, DeviceProfile.Gpu gpu) {
    int subgroup = gpu.subgroupSize();
    ShaderWriter shader = new ShaderWriter(lanes, subgroup);
    String number =
        subgroup == 0
            ? "lane"
            : "int(gl_SubgroupID) * " + subgroup + " + int(gl_SubgroupInvocationID)";
    shader.body().line("int own = ", number, ";");
    return new VectorLanes(shader, subgroup);
  }

  ShaderWriter shader() {
    return shader;
  }

  /// Whether lanes exchange values without shared memory.
  boolean shuffles() {
    return subgroup > 0;
  }

  /// Adds up variables over groups of lanes that differ in some bits of their number, so that each
  /// of them has the sums: by shuffles, or with two barriers a bit, which every lane reaches.
  ///
  /// @param sums variables of type float
  /// @param from the lowest bit, a power of two
  /// @param end twice the highest
  void add(List<String> sums, int from, int end) {
    CodeWriter body = shader.body();
    if (!shuffles() && from < end) {
      shader.declare("shared float exchange[" + sums.size() * shader.lanes() + "];");
    }
    for (int distance = from; distance < end; distance *= 2) {
      if (shuffles()) {
        for (String sum : sums) {
          body.line(sum, " += subgroupShuffleXor(", sum, ", ", distance, "u);");
        }
        continue;
      }
      for (int i = 0; i < sums.size(); i++) {
        body.line("exchange[own + ", i * shader.lanes(), "] = ", sums.get(i), ";");
      }
      body.line("barrier();");
      for (int i = 0; i < sums.size(); i++) {
        String other = "exchange[(own ^ " + distance + ") + " + i * shader.lanes() + "]";
        body.line(sums.get(i), " += ", other, ";");
      }
      body.line("barrier();");
    }
  }

  /// GLSL of one of some values.
  static String chosen(String index, List<String> values) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i + 1 < values.size(); i++) {
      text.append(index).append(" == ").append(i).append(" ? ").append(values.get(i)).append(" : ");
    }
    return text.append(values.getLast()).toString();
  }
}
