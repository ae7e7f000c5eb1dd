package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Writes cross-entropy of logits that lie in groups of four. They are read once: forward by a
/// workgroup a row, with the largest so far and the sum of exponentials relative to it; backward by
/// workgroups that take a part of a row.
final class WideLoss {
  /// Most lanes of a workgroup.
  private static final int ROW_LANES = 1024;

  private static final int PART_LANES = 256;

  /// Fours that a lane reads before it uses the first: with 1024 lanes it has 64 registers.
  private static final int ROW_BATCH = 6;

  private static final int PART_BATCH = 4;

  /// Rows up to which every workgroup of the gradient counts the labels itself, a few a lane, while
  /// it waits for logits; that spares a stage.
  private static final int FEW_ROWS = 1024;

  private final Place logits;
  private final Labels labels;
  private final int fours;
  private final long rows;
  private final DeviceProfile.Gpu gpu;

  private WideLoss(List<Place> from, long ignoreIndex, DeviceProfile.Gpu gpu) {
    this.logits = from.get(0);
    this.labels = new Labels(from.get(1), logits.dim(-1), ignoreIndex);
    this.fours = logits.dim(-1) / 4;
    this.rows = labels.count();
    this.gpu = gpu;
  }

  static Optional<List<Stage>> write(
      Loss loss, List<Place> from, List<Place> to, Workspace workspace, DeviceProfile.Gpu gpu) {
    Place logits = from.getFirst();
    if (!logits.inFours() || logits.shape().size() == 0) {
      return Optional.empty();
    }
    return switch (loss) {
      case Loss.CrossEntropy(long ignoreIndex) ->
          Optional.of(new WideLoss(from, ignoreIndex, gpu).forward(to, workspace));
      case Loss.CrossEntropyGrad(long ignoreIndex) -> {
        WideLoss writer = new WideLoss(from, ignoreIndex, gpu);
        yield to.getFirst().inFours() && writer.rows <= FEW_ROWS
            ? Optional.of(List.of(writer.gradient(from, to.getFirst())))
            : Optional.empty();
      }
    };
  }

  private List<Stage> forward(List<Place> to, Workspace workspace) {
    Place losses = workspace.take(DType.F32, Shape.of(Math.toIntExact(rows)));
    return List.of(denominators(to.get(1), losses), mean(losses, to.get(0)));
  }

  private Stage denominators(Place logDenominators, Place losses) {
    GroupRows lanes = GroupRows.wide(Math.min(ROW_LANES, fours), gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writes(logDenominators);
    Bound loss = shader.writes(losses);
    Bound input = shader.readsFours(logits);
    Bound given = shader.reads(labels.place());
    String row = lanes.row(rows);
    NormWriter.Row xs = NormWriter.Row.of(shader, input, row);
    // Asked for here, looked at when the row has been read.
    String number = labels.load(shader, given, row);
    String largest = shader.let("float", Glsl.literal(Float.NEGATIVE_INFINITY));
    String sum = shader.let("float", "0.0");
    int share = lanes.share(fours);
    int batches = Math.ceilDiv(share, ROW_BATCH);
    int batch = Math.ceilDiv(share, batches);
    if (batches == 1) {
      add(lanes, input, xs, lanes.fours(fours), largest, sum);
    } else {
      boolean full = batches * batch * lanes.width() == fours;
      shader
          .body()
          .loop(
              "t",
              batches,
              () -> {
                String begin = "t * " + batch * lanes.width();
                add(lanes, input, xs, lanes.fours(begin, batch, fours, full), largest, sum);
              });
    }
    Labels.Label label = labels.check(shader, number, row, "lane == 0");
    String hot = shader.let("int", label.isClass(), " ? int(", number, ") : 0");
    String near = shader.let("vec4", shader.loadFour(input, xs.position("(" + hot + " & ~3)")));
    String whole = shader.let("float", largest);
    lanes.maxOfNumbers(whole);
    shader
        .body()
        .line(sum, " *= ", shader.call("decay", largest + " - " + base(shader, whole)), ";");
    lanes.sum(sum);
    lanes.once(() -> {
      String value = shader.let("float", whole, " + ", shader.call("logarithm", sum));
      shader.store(into, labels.position(shader, into, row), value);
      String score = near + "[" + hot + " & 3]";
      shader.store(loss, row, "(" + label.isClass() + " ? " + value + " - " + score + " : 0.0)");
    });
    return lanes.stage(rows);
  }

  /// What exponents are taken relative to: differences of infinities are not numbers.
  private static String base(ShaderWriter shader, String largest) {
    String nothing = Glsl.literal(Float.NEGATIVE_INFINITY);
    return shader.let("float", largest, " == ", nothing, " ? 0.0 : ", largest);
  }

  /// Reads fours of a row, all of them first, and adds their exponentials to the sum. A NaN among
  /// them gets into the sum, whatever the largest is.
  private static void add(
      GroupRows lanes,
      Bound input,
      NormWriter.Row xs,
      List<GroupRows.Four> own,
      String largest,
      String sum) {
    ShaderWriter shader = lanes.shader();
    List<String> values = new ArrayList<>();
    for (GroupRows.Four four : own) {
      values.add(shader.let("vec4", shader.loadFour(input, xs.position(four.element()))));
    }
    String nothing = "vec4(" + Glsl.literal(Float.NEGATIVE_INFINITY) + ")";
    String next = shader.let("float", largest);
    for (int i = 0; i < own.size(); i++) {
      String x = values.get(i);
      GroupRows.Four four = own.get(i);
      if (!four.inside().equals("true")) {
        shader.body().line(x, " = ", four.or(x, nothing), ";");
      }
      String most = "max(max(" + x + ".x, " + x + ".y), max(" + x + ".z, " + x + ".w))";
      shader.body().line(next, " = max(", next, ", ", most, ");");
    }
    String base = base(shader, next);
    shader.body().line(sum, " *= ", shader.call("decay", largest + " - " + base), ";");
    for (String x : values) {
      List<String> terms = new ArrayList<>();
      for (String component : List.of(".x", ".y", ".z", ".w")) {
        terms.add(shader.call("decay", x + component + " - " + base));
      }
      shader
          .body()
          .line(
              sum,
              " += (",
              terms.get(0),
              " + ",
              terms.get(1),
              ") + (",
              terms.get(2),
              " + ",
              terms.get(3),
              ");");
    }
    shader.body().line(largest, " = ", next, ";");
  }

  private Stage mean(Place losses, Place mean) {
    GroupRows lanes = GroupRows.wide(Math.min(rows, ROW_LANES), gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writes(mean);
    Bound each = shader.reads(losses);
    Bound given = shader.reads(labels.place());
    String sum = shader.let("float", "0.0");
    String counted = shader.let("float", "0.0");
    eachRow(
        lanes,
        row -> {
          String loss = shader.let("float", shader.load(each, row));
          shader.body().line(counted, " += ", labels.counts(shader, given, row), ";");
          shader.body().line(sum, " += ", loss, ";");
        });
    lanes.sum(sum, counted);
    lanes.once(() ->
        shader.store(into, into.position(List.of(), List.of()), "(" + sum + " / " + counted + ")"));
    return lanes.stage(1);
  }

  /// The lanes of a workgroup go through all rows.
  private void eachRow(GroupRows lanes, Consumer<String> body) {
    lanes
        .shader()
        .body()
        .block(
            "for (int r = lane; r < " + rows + "; r += " + lanes.width() + ")",
            () -> body.accept("r"));
  }

  /// (softmax − one-hot) · upstream / number of labels that count.
  private Stage gradient(List<Place> from, Place gradient) {
    GroupRows lanes = GroupRows.wide(Math.min(PART_LANES, fours), gpu);
    ShaderWriter shader = lanes.shader();
    Bound into = shader.writesFours(gradient);
    Bound input = shader.readsFours(logits);
    Bound given = shader.reads(labels.place());
    Bound denominators = shader.reads(from.get(2));
    Bound upstream = shader.reads(from.get(3));
    int share = Math.min(PART_BATCH, lanes.share(fours));
    int parts = Math.ceilDiv(fours, share * lanes.width());
    String row = shader.let("int", "group / ", parts);
    String part = shader.let("int", "group - ", row, " * ", parts);
    NormWriter.Row xs = NormWriter.Row.of(shader, input, row);
    NormWriter.Row ys = NormWriter.Row.of(shader, into, row);
    boolean full = parts * share * lanes.width() == fours;
    List<GroupRows.Four> own =
        lanes.fours(part + " * " + share * lanes.width(), share, fours, full);
    List<String> values = new ArrayList<>();
    for (GroupRows.Four four : own) {
      values.add(shader.let("vec4", shader.loadFour(input, xs.position(four.element()))));
    }
    String number = labels.load(shader, given, row);
    String denominator =
        shader.let("float", shader.load(denominators, labels.position(shader, denominators, row)));
    String scalar =
        shader.let("float", shader.load(upstream, upstream.position(List.of(), List.of())));
    String counted = shader.let("float", "0.0");
    eachRow(
        lanes,
        each -> shader.body().line(counted, " += ", labels.counts(shader, given, each), ";"));
    Labels.Label label = labels.check(shader, number, row, part + " == 0 && lane == 0");
    lanes.sum(counted);
    String factor = shader.let("float", scalar, " / ", counted);
    String hot = shader.let("int", label.isClass(), " ? int(", number, ") : -1");
    for (int i = 0; i < own.size(); i++) {
      GroupRows.Four four = own.get(i);
      List<String> each = new ArrayList<>();
      for (int c = 0; c < 4; c++) {
        String exponent = values.get(i) + "[" + c + "] - " + denominator;
        String one = "(" + four.element() + " + " + c + " == " + hot + " ? 1.0 : 0.0)";
        each.add("(" + shader.call("decay", exponent) + " - " + one + ") * " + factor);
      }
      String value = shader.let("vec4", "vec4(", String.join(", ", each), ")");
      four.when(
          shader.body(),
          () ->
              shader.storeFour(
                  into,
                  ys.position(four.element()),
                  "(" + label.isClass() + " ? " + value + " : vec4(0.0))"));
    }
    return shader.stage(rows * parts);
  }
}
