package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;
import java.util.function.Function;

/// Writes attention as products and rows, with the scores in the workspace.
///
/// Heads are `[b, g, r, ..]`: `g` key heads, each serving `r` query heads.
final class AttentionWriter {
  private final Function<Product, Stage> products;
  private final DeviceProfile.Gpu gpu;
  private final Workspace workspace;
  private final double scale;
  private final Attention.Mask mask;
  private final Place q;
  private final Place k;
  private final Place v;
  private final int members;
  private final int queries;
  private final int keys;

  private AttentionWriter(
      Function<Product, Stage> products,
      DeviceProfile.Gpu gpu,
      Workspace workspace,
      List<Place> from,
      double scale,
      Attention.Mask mask) {
    this.products = products;
    this.gpu = gpu;
    this.workspace = workspace;
    this.scale = scale;
    this.mask = mask;
    members = from.get(0).dim(1) / from.get(1).dim(1);
    queries = from.get(0).dim(2);
    keys = from.get(1).dim(2);
    q = grouped(from.get(0));
    k = repeated(from.get(1));
    v = repeated(from.get(2));
  }

  /// Writes the stages of an operation.
  ///
  /// @param products writes a matrix product
  static List<Stage> write(
      Attention attention,
      List<Place> from,
      List<Place> to,
      Function<Product, Stage> products,
      Workspace workspace,
      DeviceProfile.Gpu gpu) {
    return switch (attention) {
      case Attention.Rotary(boolean inverse) -> List.of(rotary(from, to.getFirst(), inverse));
      case Attention.Attend(double scale, Attention.Mask mask) ->
          new AttentionWriter(products, gpu, workspace, from, scale, mask).forward(to);
      case Attention.AttendGrad(double scale, Attention.Mask mask) ->
          new AttentionWriter(products, gpu, workspace, from, scale, mask).backward(from, to);
    };
  }

  private static Stage rotary(List<Place> from, Place to, boolean inverse) {
    ScalarExpr a = single(0);
    ScalarExpr b = single(1);
    ScalarExpr cos = single(2);
    ScalarExpr sin = single(3);
    ScalarFn first = inverse ? ScalarFn.ADD : ScalarFn.SUB;
    ScalarFn second = inverse ? ScalarFn.SUB : ScalarFn.ADD;
    Place x = from.get(0);
    return PointwiseWriter.write(
        x.half(0).shape(),
        List.of(
            ScalarExpr.apply(
                first,
                ScalarExpr.apply(ScalarFn.MUL, a, cos),
                ScalarExpr.apply(ScalarFn.MUL, b, sin)),
            ScalarExpr.apply(
                second,
                ScalarExpr.apply(ScalarFn.MUL, b, cos),
                ScalarExpr.apply(ScalarFn.MUL, a, sin))),
        List.of(x.half(0), x.half(1), from.get(1), from.get(2)),
        List.of(to.half(0), to.half(1)));
  }

  private static ScalarExpr single(int operand) {
    return new ScalarExpr.Convert(DType.F32, new ScalarExpr.Arg(operand));
  }

  /// `[b, h, rows, columns]` as `[b, g, r, rows, columns]`.
  private Place grouped(Place place) {
    long head = place.stride(1);
    return place.with(
        Shape.of(place.dim(0), place.dim(1) / members, members, place.dim(2), place.dim(3)),
        place.layout().offset(),
        place.stride(0),
        head * members,
        head,
        place.stride(2),
        place.stride(3));
  }

  /// `[b, g, rows, columns]` as `[b, g, r, rows, columns]`.
  private Place repeated(Place place) {
    return place.with(
        Shape.of(place.dim(0), place.dim(1), members, place.dim(2), place.dim(3)),
        place.layout().offset(),
        place.stride(0),
        place.stride(1),
        0,
        place.stride(2),
        place.stride(3));
  }

  private Shape scoresShape() {
    return Shape.of(q.dim(0), q.dim(1), members, queries, keys);
  }

  /// A value for each query, `[b, h, s]` as `[b, g, r, s]`.
  private Place perQuery(Place place) {
    long head = place.stride(1);
    return place.with(
        Shape.of(place.dim(0), place.dim(1) / members, members, queries),
        place.layout().offset(),
        place.stride(0),
        head * members,
        head,
        place.stride(2));
  }

  /// Number of keys that a query sees.
  private String visible(String query) {
    return switch (mask) {
      case NONE -> Integer.toString(keys);
      case CAUSAL -> "clamp(" + query + " + " + (keys - queries + 1) + ", 0, " + keys + ")";
    };
  }

  private String masked(String value, List<String> at, String otherwise) {
    return switch (mask) {
      case NONE -> value;
      case CAUSAL ->
          "("
              + at.get(4)
              + " <= "
              + at.get(3)
              + " + "
              + (keys - queries)
              + " ? "
              + value
              + " : "
              + otherwise
              + ")";
    };
  }

  private List<Stage> forward(List<Place> to) {
    Place weights = workspace.take(DType.F32, scoresShape());
    Stage scores =
        products.apply(
            new Product(
                q,
                k.transposed(),
                weights,
                1,
                _ -> (sum, _) -> sum + " * " + Glsl.literal((float) scale)));
    Stage values =
        products.apply(
            new Product(
                weights,
                v,
                grouped(to.getFirst()),
                1,
                Product.expression(new ScalarExpr.Arg(0), List.of(), to.getFirst())));
    return List.of(scores, softmax(weights, perQuery(to.get(1))), values);
  }

  /// From scores to weights, in place.
  private Stage softmax(Place weights, Place logDenominators) {
    Rows rows = Rows.of(gpu);
    ShaderWriter shader = rows.shader();
    Bound matrix = shader.updates(weights);
    Bound denominators = shader.writes(logDenominators);
    long all = logDenominators.shape().size();
    String row = rows.row(all);
    List<Integer> extents = List.of(q.dim(0), q.dim(1), members, queries);
    List<String> at = shader.coordinates(row, extents);
    String end = shader.let("int", visible(at.getLast()));
    String start = shader.let("int", row, " * ", keys);
    String largest = shader.let("float", Glsl.literal(Float.NEGATIVE_INFINITY));
    String element = matrix.name() + "[" + start + " + i]";
    rows.each(
        "i",
        end,
        () -> shader.body().line(largest, " = ", shader.call("larger", largest, element), ";"));
    rows.max(largest);
    String sum = shader.let("float", "0.0");
    rows.each(
        "i",
        end,
        () ->
            shader
                .body()
                .line(
                    sum,
                    " = ",
                    sum,
                    " + ",
                    shader.call("exponential", element + " - " + largest),
                    ";"));
    rows.sum(sum);
    String factor = shader.let("float", "1.0 / ", sum);
    rows.each(
        "i",
        keys,
        () -> {
          String weight = shader.call("exponential", element + " - " + largest) + " * " + factor;
          shader.body().line(element, " = i < ", end, " ? ", weight, " : 0.0;");
        });
    rows.once(() -> {
      String logarithm = largest + " + " + shader.call("logarithm", sum);
      String value =
          "(" + end + " == 0 ? " + Glsl.literal(Float.NEGATIVE_INFINITY) + " : " + logarithm + ")";
      shader.store(denominators, denominators.position(at, strides(logDenominators)), value);
    });
    return rows.stage(all);
  }

  private static List<Long> strides(Place place) {
    return java.util.stream.IntStream.range(0, place.shape().rank())
        .mapToObj(place::stride)
        .toList();
  }

  private List<Stage> backward(List<Place> from, List<Place> to) {
    Place logDenominators = perQuery(from.get(4));
    Place dy = grouped(from.get(5));
    Place weights = workspace.take(DType.F32, scoresShape());
    Place gradients = workspace.take(DType.F32, scoresShape());
    return List.of(
        weighing(weights, logDenominators),
        plain(dy, v.transposed(), gradients, 1),
        scoreGradients(weights, gradients),
        plain(gradients, k, grouped(to.get(0)), 1),
        plain(acrossQueries(gradients), q, to.get(1), 2),
        plain(acrossQueries(weights), dy, to.get(2), 2));
  }

  /// The weights of the forward pass again.
  private Stage weighing(Place weights, Place logDenominators) {
    return products.apply(
        new Product(
            q,
            k.transposed(),
            weights,
            1,
            shader -> {
              Bound denominators = shader.reads(logDenominators);
              return (sum, at) -> {
                String denominator =
                    shader.load(
                        denominators,
                        denominators.position(at.subList(0, 4), strides(logDenominators)));
                String exponent = sum + " * " + Glsl.literal((float) scale) + " - " + denominator;
                return masked(shader.call("exponential", exponent), at, "0.0");
              };
            }));
  }

  /// From gradients of weights to those of scores, in place: scale · weight · (gradient − sum of
  /// weights times gradients). The sum is taken here and not, as is usual, from the result and its
  /// gradient: so a query with a single key has a gradient of exactly 0.
  private Stage scoreGradients(Place weights, Place gradients) {
    Rows rows = Rows.of(gpu);
    ShaderWriter shader = rows.shader();
    Bound updated = shader.updates(gradients);
    Bound matrix = shader.reads(weights);
    long count = (long) q.dim(0) * q.dim(1) * members * queries;
    String row = rows.row(count);
    String start = shader.let("int", row, " * ", keys);
    String weight = matrix.name() + "[" + start + " + i]";
    String gradient = updated.name() + "[" + start + " + i]";
    String total = shader.let("float", "0.0");
    rows.each(
        "i",
        keys,
        () -> shader.body().line(total, " = fma(", weight, ", ", gradient, ", ", total, ");"));
    rows.sum(total);
    String factor = Glsl.literal((float) scale);
    rows.each(
        "i",
        keys,
        () ->
            shader
                .body()
                .line(
                    gradient, " = ", factor, " * ", weight, " * (", gradient, " - ", total, ");"));
    return rows.stage(count);
  }

  private Stage plain(Place left, Place right, Place to, int depthAxes) {
    return products.apply(
        new Product(
            left, right, to, depthAxes, Product.expression(new ScalarExpr.Arg(0), List.of(), to)));
  }

  /// `[b, g, r, s, t]` as `[b, g, t, r, s]`: sums run over the query heads of a key head.
  private Place acrossQueries(Place scores) {
    return scores.with(
        Shape.of(scores.dim(0), scores.dim(1), keys, members, queries),
        scores.layout().offset(),
        scores.stride(0),
        scores.stride(1),
        scores.stride(4),
        scores.stride(2),
        scores.stride(3));
  }
}
