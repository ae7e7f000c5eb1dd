package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Writes norms: some lanes a row.
final class NormWriter {
  /// Of the result's gradient, of x and of the row's scale: what the weight's gradient is a sum of.
  static final ScalarExpr PRODUCT = times(times(single(0), single(1)), single(2));

  private NormWriter() {}

  static List<Stage> write(
      Norm norm, List<Place> from, List<Place> to, Workspace workspace, DeviceProfile.Gpu gpu) {
    return switch (norm) {
      case Norm.RmsNorm(double epsilon) ->
          List.of(forward(from.get(0), from.get(1), to.getFirst(), epsilon, gpu));
      case Norm.RmsNormGrad(double epsilon) -> gradient(from, to, epsilon, workspace, gpu);
    };
  }

  /// A row of a tensor: positions of its elements.
  record Row(Bound bound, List<String> at) {
    static Row of(ShaderWriter shader, Bound bound, String row) {
      Shape shape = bound.place().shape();
      List<Integer> extents = IntStream.range(0, shape.rank() - 1).mapToObj(shape::dim).toList();
      return new Row(bound, extents.isEmpty() ? List.of() : shader.coordinates(row, extents));
    }

    String position(String element) {
      List<String> variables = new ArrayList<>(at);
      variables.add(element);
      Place place = bound.place();
      return bound.position(
          variables, IntStream.range(0, place.shape().rank()).mapToObj(place::stride).toList());
    }
  }

  private static long rows(Place x) {
    return x.dim(-1) == 0 ? 0 : x.shape().size() / x.dim(-1);
  }

  private static Stage forward(
      Place x, Place weight, Place y, double epsilon, DeviceProfile.Gpu gpu) {
    Rows rows = Rows.of(gpu);
    ShaderWriter shader = rows.shader();
    Bound into = shader.writes(y);
    Bound input = shader.reads(x);
    Bound factor = shader.reads(weight);
    String row = rows.row(rows(x));
    Row xs = Row.of(shader, input, row);
    Row ys = Row.of(shader, into, row);
    String scale = scale(rows, xs, epsilon);
    rows.each(
        "i",
        x.dim(-1),
        () -> {
          String product =
              shader.load(input, xs.position("i"))
                  + " * "
                  + scale
                  + " * "
                  + shader.load(factor, factor.position(List.of("i"), List.of(weight.stride(0))));
          shader.store(into, ys.position("i"), "(" + product + ")");
        });
    return rows.stage(rows(x));
  }

  /// Writes 1/√(mean of squares + ε) of a row.
  private static String scale(Rows rows, Row xs, double epsilon) {
    ShaderWriter shader = rows.shader();
    int n = xs.bound.place().dim(-1);
    String squares = shader.let("float", "0.0");
    rows.each(
        "i",
        n,
        () -> {
          String value = shader.let("float", shader.load(xs.bound, xs.position("i")));
          shader.body().line(squares, " = fma(", value, ", ", value, ", ", squares, ");");
        });
    rows.sum(squares);
    return shader.let(
        "float",
        "1.0 / sqrt(",
        squares,
        " / ",
        Glsl.literal((float) n),
        " + ",
        Glsl.literal((float) epsilon),
        ")");
  }

  private static List<Stage> gradient(
      List<Place> from,
      List<Place> to,
      double epsilon,
      Workspace workspace,
      DeviceProfile.Gpu gpu) {
    Place x = from.get(0);
    Place dy = from.get(2);
    int[] dims = x.shape().dims();
    dims[dims.length - 1] = 1;
    Place scales = workspace.take(DType.F32, Shape.of(dims));
    List<Stage> stages = new ArrayList<>();
    stages.add(inputGradient(from, to.getFirst(), scales, epsilon, gpu));
    List<Integer> axes = IntStream.range(0, x.shape().rank() - 1).boxed().toList();
    stages.addAll(
        FoldWriter.write(
            ReduceFn.SUM,
            PRODUCT,
            x.shape(),
            axes,
            List.of(dy, x, scales),
            to.get(1),
            workspace,
            gpu));
    return stages;
  }

  private static ScalarExpr single(int operand) {
    return new ScalarExpr.Convert(DType.F32, new ScalarExpr.Arg(operand));
  }

  private static ScalarExpr times(ScalarExpr a, ScalarExpr b) {
    return ScalarExpr.apply(ScalarFn.MUL, a, b);
  }

  private static Stage inputGradient(
      List<Place> from, Place dx, Place scales, double epsilon, DeviceProfile.Gpu gpu) {
    Rows rows = Rows.of(gpu);
    ShaderWriter shader = rows.shader();
    Bound into = shader.writes(dx);
    Bound kept = shader.writes(scales);
    Bound x = shader.reads(from.get(0));
    Bound weight = shader.reads(from.get(1));
    Bound dy = shader.reads(from.get(2));
    long count = rows(x.place());
    String row = rows.row(count);
    Row xs = Row.of(shader, x, row);
    Row dys = Row.of(shader, dy, row);
    Row dxs = Row.of(shader, into, row);
    String scale = scale(rows, xs, epsilon);
    String w = weight.position(List.of("i"), List.of(weight.place().stride(0)));
    String dot = shader.let("float", "0.0");
    rows.each(
        "i",
        x.place().dim(-1),
        () -> {
          String direct = shader.load(dy, dys.position("i")) + " * " + shader.load(weight, w);
          shader
              .body()
              .line(
                  dot, " = fma(", direct, ", ", shader.load(x, xs.position("i")), ", ", dot, ");");
        });
    rows.sum(dot);
    String factor =
        shader.let(
            "float",
            scale,
            " * ",
            scale,
            " * ",
            dot,
            " / ",
            Glsl.literal((float) x.place().dim(-1)));
    rows.each(
        "i",
        x.place().dim(-1),
        () -> {
          String direct =
              shader.let(
                  "float", shader.load(dy, dys.position("i")), " * ", shader.load(weight, w));
          String own = shader.load(x, xs.position("i")) + " * " + factor;
          shader.store(into, dxs.position("i"), scale + " * (" + direct + " - " + own + ")");
        });
    rows.once(() -> shader.store(kept, row, scale));
    return rows.stage(count);
  }
}
