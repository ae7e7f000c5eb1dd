package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;

/// Writes cross-entropy. A label that is neither a class nor the ignored one raises the fault word
/// and counts as ignored.
final class LossWriter {
  private final Place logits;
  private final Place labels;
  private final int classes;
  private final long rows;
  private final long ignoreIndex;
  private final DeviceProfile.Gpu gpu;

  private LossWriter(List<Place> from, long ignoreIndex, DeviceProfile.Gpu gpu) {
    this.logits = from.get(0);
    this.labels = from.get(1);
    this.classes = logits.dim(-1);
    this.rows = labels.shape().size();
    this.ignoreIndex = ignoreIndex;
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

  /// A number of the labels' type.
  private String number(long value) {
    return Glsl.literal(labels.dtype(), (double) value);
  }

  private String isIgnored(String label) {
    boolean fits = labels.dtype() == DType.I64 || ignoreIndex == (int) ignoreIndex;
    return fits ? label + " == " + number(ignoreIndex) : "false";
  }

  /// A label, in its own type, and whether it counts and is a class.
  private record Label(String value, String isClass) {}

  private Label label(ShaderWriter shader, Bound bound, String row, String reports) {
    List<Integer> extents = java.util.stream.IntStream.of(labels.shape().dims()).boxed().toList();
    List<String> at = shader.coordinates(row, extents);
    List<Long> strides =
        java.util.stream.IntStream.range(0, extents.size()).mapToObj(labels::stride).toList();
    String value =
        shader.let(Glsl.register(labels.dtype()), shader.load(bound, bound.position(at, strides)));
    String isClass =
        shader.let("bool", value, " >= ", number(0), " && ", value, " < ", number(classes));
    String ignored = isIgnored(value);
    String fault = shader.fault();
    shader
        .body()
        .line(
            "if (",
            reports,
            " && !",
            isClass,
            " && !(",
            ignored,
            ")) { atomicMin(",
            fault,
            "[0], uint(",
            row,
            ")); }");
    return new Label(value, shader.let("bool", isClass, " && !(", ignored, ")"));
  }

  private Stage denominators(Place logDenominators, Place losses) {
    Rows lanes = Rows.of(gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writes(logDenominators);
    Bound loss = shader.writes(losses);
    Bound input = shader.reads(logits);
    Bound given = shader.reads(labels);
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
    Label label = label(shader, given, row, lanes.lane() + " == 0");
    lanes.once(() -> {
      String value = shader.let("float", largest, " + ", shader.call("logarithm", sum));
      List<Integer> extents = java.util.stream.IntStream.of(labels.shape().dims()).boxed().toList();
      List<String> at = shader.coordinates(row, extents);
      List<Long> strides =
          java.util.stream.IntStream.range(0, extents.size())
              .mapToObj(logDenominators::stride)
              .toList();
      shader.store(into, into.position(at, strides), value);
      String hot = shader.let("int", label.isClass, " ? int(", label.value, ") : 0");
      String score = shader.load(input, xs.position(hot));
      shader.store(loss, row, "(" + label.isClass + " ? " + value + " - " + score + " : 0.0)");
    });
    return lanes.stage(rows);
  }

  /// A row of lanes counts the labels that are not ignored.
  private String counted(Rows lanes, Bound given) {
    ShaderWriter shader = lanes.shader();
    String counted = shader.let("float", "0.0");
    List<Integer> extents = java.util.stream.IntStream.of(labels.shape().dims()).boxed().toList();
    List<Long> strides =
        java.util.stream.IntStream.range(0, extents.size()).mapToObj(labels::stride).toList();
    lanes.each(
        "i",
        rows,
        () -> {
          List<String> at = shader.coordinates("i", extents);
          String label = shader.load(given, given.position(at, strides));
          shader.body().line(counted, " += ", isIgnored(label), " ? 0.0 : 1.0;");
        });
    lanes.sum(counted);
    return counted;
  }

  private Stage mean(Place losses, Place mean) {
    Rows lanes = Rows.of(gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writes(mean);
    Bound each = shader.reads(losses);
    Bound given = shader.reads(labels);
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
    Bound given = shader.reads(labels);
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
    Bound given = shader.reads(labels);
    Bound denominators = shader.reads(logDenominators);
    Bound scale = shader.reads(factor);
    long items = logits.shape().size();
    String item = shader.let("int", "group * ", shader.lanes(), " + lane");
    shader.body().line("if (", item, " >= ", items, ") { return; }");
    String row = shader.let("int", item, " / ", Math.max(1, classes));
    String column = shader.let("int", item, " - ", row, " * ", classes);
    Label label = label(shader, given, row, column + " == 0");
    NormWriter.Row xs = NormWriter.Row.of(shader, input, row);
    NormWriter.Row ys = NormWriter.Row.of(shader, into, row);
    List<Integer> extents = java.util.stream.IntStream.of(labels.shape().dims()).boxed().toList();
    List<String> at = shader.coordinates(row, extents);
    List<Long> strides =
        java.util.stream.IntStream.range(0, extents.size())
            .mapToObj(logDenominators::stride)
            .toList();
    String exponent =
        shader.load(input, xs.position(column))
            + " - "
            + shader.load(denominators, denominators.position(at, strides));
    String weight = shader.let("float", shader.call("exponential", exponent));
    String hot =
        "(" + label.isClass + " && " + column + " == int(" + label.value + ") ? 1.0 : 0.0)";
    String value = "(" + weight + " - " + hot + ") * " + shader.load(scale, "0");
    shader.store(into, ys.position(column), "(" + label.isClass + " ? " + value + " : 0.0)");
    return shader.stage(Math.ceilDiv(items, shader.lanes()));
  }
}
