package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Writes the sums of updates by row in one stage: a workgroup owns some rows of the result, looks
/// through all indices for them, and writes every group of four of its rows once, zeros or the sum
/// of the updates in their order. So nothing is cleared first, and no two lanes add to one element.
final class WideScatter {
  private static final int LANES = 256;

  /// Workgroups that reside on a device of 132 cores together.
  private static final int GROUPS = 1024;

  /// Every workgroup reads all indices: that many cost less than what it writes.
  private static final int MOST_INDICES = 2048;

  private final Place indices;
  private final Place updates;
  private final Place result;
  private final int count;
  private final int extent;
  private final int rowFours;
  private final int rows;
  private final int lanes;

  private WideScatter(Place indices, Place updates, Place result, DeviceProfile.Gpu gpu) {
    this.indices = indices;
    this.updates = updates;
    this.result = result;
    this.count = Math.toIntExact(indices.shape().size());
    this.extent = result.dim(0);
    this.rowFours = Math.toIntExact(result.shape().size() / extent / 4);
    this.rows = Math.ceilDiv(extent, GROUPS);
    this.lanes = Math.min(LANES, gpu.workgroupLanes());
  }

  static Optional<Stage> write(
      Gather.ScatterAdd scatter,
      Place indices,
      Place updates,
      Place result,
      DeviceProfile.Gpu gpu) {
    boolean wide =
        scatter.axis() == 0
            && result.shape().rank() > 1
            && result.shape().size() > 0
            && indices.shape().size() > 0
            && indices.shape().size() <= MOST_INDICES
            && result.inFours()
            && updates.inFours();
    if (!wide) {
      return Optional.empty();
    }
    WideScatter writer = new WideScatter(indices, updates, result, gpu);
    int sharedBytes = Integer.BYTES * (writer.count + writer.rows);
    return sharedBytes <= gpu.sharedBytes() ? Optional.of(writer.stage()) : Optional.empty();
  }

  private static List<Integer> extents(Shape shape) {
    return IntStream.of(shape.dims()).boxed().toList();
  }

  private static List<Long> strides(Place place) {
    return IntStream.range(0, place.shape().rank()).mapToObj(place::stride).toList();
  }

  private Stage stage() {
    ShaderWriter shader = new ShaderWriter(lanes, 0);
    Bound into = shader.writesFours(result);
    Bound from = shader.readsFours(updates);
    CodeWriter body = shader.body();
    // The row of the workgroup that each index names, else -1, and whether any index names a row.
    shader.declare("shared int named[" + count + "];");
    shader.declare("shared int hit[" + rows + "];");
    String base = shader.let("int", "group * ", rows);
    body.line("for (int r = lane; r < ", rows, "; r += ", lanes, ") { hit[r] = 0; }");
    body.line("barrier();");
    body.block(
        "for (int p = lane; p < " + count + "; p += " + lanes + ")", () -> find(shader, base));
    body.line("barrier();");
    String end = shader.let("int", "min(", rows, ", ", extent, " - ", base, ") * ", rowFours);
    body.block(
        "for (int f = lane; f < " + end + "; f += " + lanes + ")",
        () -> {
          String row = shader.let("int", "f / ", rowFours);
          String element = shader.let("int", "(f - ", row, " * ", rowFours, ") * 4");
          int[] dims = result.shape().dims();
          List<Integer> inner = IntStream.of(dims).skip(1).boxed().toList();
          List<String> rest = shader.coordinates(element, inner);
          String sum = shader.let("vec4", "vec4(0.0)");
          body.block("if (hit[" + row + "] != 0)", () -> add(shader, from, row, rest, sum));
          List<String> at = new ArrayList<>(List.of(shader.let("int", base, " + ", row)));
          at.addAll(rest);
          shader.storeFour(into, into.position(at, strides(result)), sum);
        });
    return shader.stage(Math.ceilDiv(extent, rows));
  }

  /// Notes which row index `p` names.
  private void find(ShaderWriter shader, String base) {
    Bound given = shader.reads(indices);
    String fault = shader.fault();
    CodeWriter body = shader.body();
    List<String> at = shader.coordinates("p", extents(indices.shape()));
    String index =
        shader.let(
            Glsl.register(indices.dtype()),
            shader.load(given, given.position(at, strides(indices))));
    String zero = Glsl.literal(indices.dtype(), 0);
    String most = Glsl.literal(indices.dtype(), extent);
    String inside = shader.let("bool", index, " >= ", zero, " && ", index, " < ", most);
    body.line("if (!", inside, " && group == 0) { atomicMin(", fault, "[0], uint(p)); }");
    String row = shader.let("int", inside, " ? int(", index, ") - ", base, " : -1");
    String own = shader.let("bool", row, " >= 0 && ", row, " < ", rows);
    body.line("named[p] = ", own, " ? ", row, " : -1;");
    body.line("if (", own, ") { atomicOr(hit[", row, "], 1); }");
  }

  /// Adds the updates of a row.
  private void add(ShaderWriter shader, Bound from, String row, List<String> rest, String sum) {
    CodeWriter body = shader.body();
    body.loop(
        "p",
        count,
        () ->
            body.block(
                "if (named[p] == " + row + ")",
                () -> {
                  List<String> at =
                      new ArrayList<>(shader.coordinates("p", extents(indices.shape())));
                  at.addAll(rest);
                  String update = shader.loadFour(from, from.position(at, strides(updates)));
                  body.line(sum, " += ", update, ";");
                }));
  }
}
