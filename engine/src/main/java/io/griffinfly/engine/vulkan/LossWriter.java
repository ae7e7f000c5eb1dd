package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// Writes cross-entropy.
final class LossWriter {
  private final Place logits;
  private final Labels labels;
  private final int classes;
  private final long rows;
  private final DeviceProfile.Gpu gpu;

  private LossWriter(List<Place> from, long ignoreIndex, DeviceProfile.Gpu gpu) {
    this.logits = from.get(0);
    this.classes = logits.dim(-1);
    this.labels = new Labels(from.get(1), classes, ignoreIndex);
    this.rows = labels.count();
    this.gpu = gpu;
  }

  static List<Stage> write(
      Loss loss, List<Place> from, List<Place> to, Workspace workspace, DeviceProfile.Gpu gpu) {
    return switch (loss) {
      case Loss.CrossEntropy(long ignoreIndex) ->
          new LossWriter(from, ignoreIndex, gpu).forward(to, workspace);
      case Loss.CrossEntropyGrad(long ignoreIndex) ->
          new LossWriter(from, ignoreIndex, gpu).backward(from, to.getFirst(), workspace);
    };
  }

  private List<Stage> forward(List<Place> to, Workspace workspace) {
    Place losses = workspace.take(DType.F32, Shape.of(Math.toIntExact(rows)));
    return List.of(denominators(to.get(1), losses), mean(losses, to.get(0)));
  }

  private Stage denominators(Place logDenominators, Place losses) {
    Rows lanes = Rows.of(gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writes(logDenominators);
    Bound loss = shader.writes(losses);
    Bound input = shader.reads(logits);
    Bound given = shader.reads(labels.place());
    String row = lanes.row(rows);
    NormWriter.Row xs = NormWriter.Row.of(shader, input, row);
    String largest = shader.let("float", Glsl.literal(Float.NEGATIVE_INFINITY));
    lanes.each(
        "i",
        classes,
        () ->
            shader
                .body()
                .line(
                    largest,
                    " = ",
                    shader.call("larger", largest, shader.load(input, xs.position("i"))),
                    ";"));
    lanes.max(largest);
    String sum = shader.let("float", "0.0");
    lanes.each(
        "i",
        classes,
        () -> {
          String exponent = shader.load(input, xs.position("i")) + " - " + largest;
          shader.body().line(sum, " = ", sum, " + ", shader.call("exponential", exponent), ";");
        });
    lanes.sum(sum);
    Labels.Label label = labels.read(shader, given, row, lanes.lane() + " == 0");
    lanes.once(() -> {
      String value = shader.let("float", largest, " + ", shader.call("logarithm", sum));
      shader.store(into, labels.position(shader, into, row), value);
      String hot = shader.let("int", label.isClass(), " ? int(", label.value(), ") : 0");
      String score = shader.load(input, xs.position(hot));
      shader.store(loss, row, "(" + label.isClass() + " ? " + value + " - " + score + " : 0.0)");
    });
    return lanes.stage(rows);
  }

  /// A row of lanes counts the labels that are not ignored.
  private String counted(Rows lanes, Bound given) {
    ShaderWriter shader = lanes.shader();
    String counted = shader.let("float", "0.0");
    lanes.each(
        "i",
        rows,
        () -> shader.body().line(counted, " += ", labels.counts(shader, given, "i"), ";"));
    lanes.sum(counted);
    return counted;
  }

  private Stage mean(Place losses, Place mean) {
    Rows lanes = Rows.of(gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writes(mean);
    Bound each = shader.reads(losses);
    Bound given = shader.reads(labels.place());
    lanes.row(1);
    String sum = shader.let("float", "0.0");
    lanes.each("i", rows, () -> shader.body().line(sum, " += ", shader.load(each, "i"), ";"));
    lanes.sum(sum);
    String counted = counted(lanes, given);
    lanes.once(() ->
        shader.store(into, into.position(List.of(), List.of()), "(" + sum + " / " + counted + ")"));
    return lanes.stage(1);
  }

  private List<Stage> backward(List<Place> from, Place gradient, Workspace workspace) {
    Place factor = workspace.take(DType.F32, Shape.SCALAR);
    Rows lanes = Rows.of(gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writes(factor);
    Bound upstream = shader.reads(from.get(3));
    Bound given = shader.reads(labels.place());
    lanes.row(1);
    String counted = counted(lanes, given);
    String scalar = shader.load(upstream, upstream.position(List.of(), List.of()));
    lanes.once(() -> shader.store(into, "0", scalar + " / " + counted));
    return List.of(lanes.stage(1), elements(from.get(2), factor, gradient));
  }

  /// (softmax − one-hot) · factor.
  private Stage elements(Place logDenominators, Place factor, Place gradient) {
    ShaderWriter shader = new ShaderWriter(PointwiseWriter.LANES, 0);
    Bound into = shader.writes(gradient);
    Bound input = shader.reads(logits);
    Bound given = shader.reads(labels.place());
    Bound denominators = shader.reads(logDenominators);
    Bound scale = shader.reads(factor);
    long items = logits.shape().size();
    String item = shader.let("int", "group * ", shader.lanes(), " + lane");
    shader.body().line("if (", item, " >= ", items, ") { return; }");
    String row = shader.let("int", item, " / ", Math.max(1, classes));
    String column = shader.let("int", item, " - ", row, " * ", classes);
    Labels.Label label = labels.read(shader, given, row, column + " == 0");
    NormWriter.Row xs = NormWriter.Row.of(shader, input, row);
    NormWriter.Row ys = NormWriter.Row.of(shader, into, row);
    String exponent =
        shader.load(input, xs.position(column))
            + " - "
            + shader.load(denominators, labels.position(shader, denominators, row));
    String weight = shader.let("float", shader.call("exponential", exponent));
    String hot =
        "(" + label.isClass() + " && " + column + " == int(" + label.value() + ") ? 1.0 : 0.0)";
    String value = "(" + weight + " - " + hot + ") * " + shader.load(scale, "0");
    shader.store(into, ys.position(column), "(" + label.isClass() + " ? " + value + " : 0.0)");
    return shader.stage(Math.ceilDiv(items, shader.lanes()));
  }
}
