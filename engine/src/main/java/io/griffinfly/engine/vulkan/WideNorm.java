package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Writes norms whose rows lie in groups of four: a row a workgroup, read once.
final class WideNorm {
  private final DeviceProfile.Gpu gpu;
  private final int elements;
  private final int fours;
  private final long rows;

  private WideNorm(Place x, DeviceProfile.Gpu gpu) {
    this.gpu = gpu;
    this.elements = x.dim(-1);
    this.fours = elements / 4;
    this.rows = x.shape().size() / elements;
  }

  static Optional<List<Stage>> write(
      Norm norm, List<Place> from, List<Place> to, Workspace workspace, DeviceProfile.Gpu gpu) {
    Place x = from.getFirst();
    boolean wide =
        x.shape().size() > 0
            && from.stream().allMatch(Place::inFours)
            && to.stream().allMatch(Place::inFours)
            && GroupRows.holds(x.dim(-1) / 4, gpu);
    if (!wide) {
      return Optional.empty();
    }
    WideNorm writer = new WideNorm(x, gpu);
    return Optional.of(
        switch (norm) {
          case Norm.RmsNorm(double epsilon) ->
              List.of(writer.forward(x, from.get(1), to.getFirst(), epsilon));
          case Norm.RmsNormGrad(double epsilon) -> writer.gradient(from, to, epsilon, workspace);
        });
  }

  private static String position(Bound weight, GroupRows.Four four) {
    return weight.position(List.of(four.element()), List.of(1L));
  }

  private Stage forward(Place x, Place weight, Place y, double epsilon) {
    GroupRows lanes = GroupRows.holding(fours, gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writesFours(y);
    Bound input = shader.readsFours(x);
    Bound factor = shader.readsFours(weight);
    String row = lanes.row(rows);
    NormWriter.Row xs = NormWriter.Row.of(shader, input, row);
    NormWriter.Row ys = NormWriter.Row.of(shader, into, row);
    List<GroupRows.Four> own = lanes.fours(fours);
    List<String> values = new ArrayList<>();
    List<String> weights = new ArrayList<>();
    for (GroupRows.Four four : own) {
      values.add(shader.let("vec4", shader.loadFour(input, xs.position(four.element()))));
      weights.add(shader.let("vec4", shader.loadFour(factor, position(factor, four))));
    }
    String squares = shader.let("float", "0.0");
    for (int i = 0; i < own.size(); i++) {
      add(shader, squares, own.get(i), values.get(i), values.get(i));
    }
    lanes.sum(squares);
    String scale = scale(shader, squares, epsilon);
    for (int i = 0; i < own.size(); i++) {
      GroupRows.Four four = own.get(i);
      String value = values.get(i) + " * " + scale + " * " + weights.get(i);
      four.when(shader.body(), () -> shader.storeFour(into, ys.position(four.element()), value));
    }
    return lanes.stage(rows);
  }

  /// Adds the products of two vectors to a sum.
  private static void add(
      ShaderWriter shader, String sum, GroupRows.Four four, String a, String b) {
    shader.body().line(sum, " += ", four.or("dot(" + a + ", " + b + ")", "0.0"), ";");
  }

  /// 1/√(mean of squares + ε) from the sum of the squares.
  private String scale(ShaderWriter shader, String squares, double epsilon) {
    String mean = squares + " / " + Glsl.literal((float) elements);
    return shader.let("float", "1.0 / sqrt(", mean, " + ", Glsl.literal((float) epsilon), ")");
  }

  /// The gradient of x in one stage, then that of the weight: a sum over rows, for which the first
  /// stage leaves every row's scale.
  private List<Stage> gradient(
      List<Place> from, List<Place> to, double epsilon, Workspace workspace) {
    int[] dims = from.getFirst().shape().dims();
    dims[dims.length - 1] = 1;
    Place scales = workspace.take(DType.F32, Shape.of(dims));
    List<Stage> stages = new ArrayList<>();
    stages.add(inputGradient(from, to.getFirst(), scales, epsilon));
    List<Integer> axes = IntStream.range(0, dims.length - 1).boxed().toList();
    stages.addAll(
        WideFold.orGeneral(
            ReduceFn.SUM,
            NormWriter.PRODUCT,
            from.getFirst().shape(),
            axes,
            List.of(from.get(2), from.get(0), scales),
            to.get(1),
            workspace,
            gpu));
    return stages;
  }

  private Stage inputGradient(List<Place> from, Place dx, Place scales, double epsilon) {
    GroupRows lanes = GroupRows.holding(fours, gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writesFours(dx);
    Bound kept = shader.writes(scales);
    Bound x = shader.readsFours(from.get(0));
    Bound weight = shader.readsFours(from.get(1));
    Bound dy = shader.readsFours(from.get(2));
    String row = lanes.row(rows);
    NormWriter.Row xs = NormWriter.Row.of(shader, x, row);
    NormWriter.Row dys = NormWriter.Row.of(shader, dy, row);
    NormWriter.Row dxs = NormWriter.Row.of(shader, into, row);
    List<GroupRows.Four> own = lanes.fours(fours);
    List<String> values = new ArrayList<>();
    List<String> weights = new ArrayList<>();
    List<String> upstream = new ArrayList<>();
    for (GroupRows.Four four : own) {
      values.add(shader.let("vec4", shader.loadFour(x, xs.position(four.element()))));
      upstream.add(shader.let("vec4", shader.loadFour(dy, dys.position(four.element()))));
      weights.add(shader.let("vec4", shader.loadFour(weight, position(weight, four))));
    }
    String squares = shader.let("float", "0.0");
    String dot = shader.let("float", "0.0");
    List<String> direct = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      direct.add(shader.let("vec4", upstream.get(i), " * ", weights.get(i)));
      add(shader, squares, own.get(i), values.get(i), values.get(i));
      add(shader, dot, own.get(i), direct.get(i), values.get(i));
    }
    lanes.sum(squares, dot);
    String scale = scale(shader, squares, epsilon);
    String count = Glsl.literal((float) elements);
    String factor = shader.let("float", scale, " * ", scale, " * ", dot, " / ", count);
    for (int i = 0; i < own.size(); i++) {
      GroupRows.Four four = own.get(i);
      String own4 = values.get(i) + " * " + factor;
      String value = scale + " * (" + direct.get(i) + " - " + own4 + ")";
      four.when(shader.body(), () -> shader.storeFour(into, dxs.position(four.element()), value));
    }
    lanes.once(() -> shader.store(kept, row, scale));
    return lanes.stage(rows);
  }
}
