package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Writes folds. Elements along the folded axes are cut into chunks, so that there are enough lanes
/// whatever the shape; what the chunks yield is folded by a second stage.
final class FoldWriter {
  /// Lanes that fill any device: more chunks than that bring nothing.
  private static final long ENOUGH_LANES = 1 << 14;

  /// Fewest elements of a chunk.
  private static final long CHUNK = 256;

  /// Elements of a row from which on its lanes share it.
  private static final long SHARED_ROW = 32;

  private final ReduceFn fn;
  private final ScalarExpr prologue;
  private final Shape domain;
  private final List<Integer> folded;
  private final List<Integer> kept;
  private final List<Place> from;
  private final Place to;
  private final DType sumType;

  private FoldWriter(
      ReduceFn fn,
      ScalarExpr prologue,
      Shape domain,
      List<Integer> axes,
      List<Place> from,
      Place to) {
    this.fn = fn;
    this.prologue = prologue;
    this.domain = domain;
    this.folded = axes;
    this.kept = IntStream.range(0, domain.rank()).boxed().filter(a -> !axes.contains(a)).toList();
    this.from = from;
    this.to = to;
    this.sumType = to.dtype().isFloat() ? DType.F32 : to.dtype();
  }

  /// Writes the stages of a fold.
  ///
  /// @param fn how two elements combine
  /// @param prologue expression of the operands
  /// @param domain its shape
  /// @param axes the axes folded, ascending
  /// @param from operands, which broadcast to the domain
  /// @param to the result, of the domain's shape without the folded axes
  static List<Stage> write(
      ReduceFn fn,
      ScalarExpr prologue,
      Shape domain,
      List<Integer> axes,
      List<Place> from,
      Place to,
      Workspace workspace,
      DeviceProfile.Gpu gpu) {
    return new FoldWriter(fn, prologue, domain, axes, from, to).stages(workspace, gpu);
  }

  private List<Stage> stages(Workspace workspace, DeviceProfile.Gpu gpu) {
    long length = 1;
    for (int axis : folded) {
      length *= domain.dim(axis);
    }
    long results = to.shape().size();
    if (results == 0) {
      return List.of();
    }
    boolean shared = sumType == DType.F32 && length >= SHARED_ROW && foldsInside();
    long lanes = shared ? results * Math.max(1, gpu.subgroupSize()) : results;
    long chunks =
        Math.clamp(
            Math.min(ENOUGH_LANES / Math.max(1, lanes), length / CHUNK), 1, Integer.MAX_VALUE);
    if (chunks == 1) {
      return List.of(stage(shared, length, 1, to, gpu));
    }
    int[] dims = new int[to.shape().rank() + 1];
    dims[0] = (int) chunks;
    System.arraycopy(to.shape().dims(), 0, dims, 1, dims.length - 1);
    Place partial = workspace.take(sumType, Shape.of(dims));
    Stage first = stage(shared, length, (int) chunks, partial, gpu);
    List<Stage> stages = new ArrayList<>(List.of(first));
    stages.addAll(
        write(
            fn,
            new ScalarExpr.Arg(0),
            partial.shape(),
            List.of(0),
            List.of(partial),
            to,
            workspace,
            gpu));
    return stages;
  }

  /// Whether the elements of one result lie closer than those of neighbouring results.
  private boolean foldsInside() {
    if (from.isEmpty() || kept.isEmpty()) {
      return true;
    }
    Place first = from.getFirst().broadcast(domain);
    return nearest(first, folded) <= nearest(first, kept);
  }

  private long nearest(Place place, List<Integer> axes) {
    return axes.stream()
        .filter(axis -> domain.dim(axis) > 1 && place.stride(axis) > 0)
        .mapToLong(place::stride)
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /// Writes the stage that folds chunks of the folded elements, one a row of lanes or one a lane.
  private Stage stage(
      boolean shared, long length, int chunks, Place result, DeviceProfile.Gpu gpu) {
    Rows rows = shared ? Rows.of(gpu) : null;
    ShaderWriter shader = rows == null ? new ShaderWriter(PointwiseWriter.LANES, 0) : rows.shader();
    Bound written = shader.writes(result);
    long items = to.shape().size() * chunks;
    String item;
    if (rows == null) {
      item = shader.let("int", "group * ", shader.lanes(), " + lane");
      shader.body().line("if (", item, " >= ", items, ") { return; }");
    } else {
      item = rows.row(items);
    }
    List<Integer> extents = new ArrayList<>(List.of(chunks));
    kept.forEach(axis -> extents.add(domain.dim(axis)));
    List<String> at = shader.coordinates(item, extents);
    String sum = shader.let(Glsl.register(sumType), neutral());
    long chunk = Math.ceilDiv(length, chunks);
    String begin = shader.let("int", at.getFirst(), " * ", chunk);
    String end = shader.let("int", "min(", begin, " + ", chunk, ", ", length, ")");
    if (rows == null) {
      accumulate(shader, sum, at.subList(1, at.size()), begin, end, 1);
      shader.store(written, position(written, at, chunks), sum);
      return shader.stage(Math.ceilDiv(items, shader.lanes()));
    }
    String start = begin + " + " + rows.lane();
    accumulate(shader, sum, at.subList(1, at.size()), start, end, rows.width());
    switch (fn) {
      case SUM -> rows.sum(sum);
      case MAX -> rows.max(sum);
    }
    rows.once(() -> shader.store(written, position(written, at, chunks), sum));
    return rows.stage(items);
  }

  private void accumulate(
      ShaderWriter shader, String sum, List<String> keptAt, String start, String end, int step) {
    List<Bound> operands = from.stream().map(shader::reads).toList();
    List<Place> broadcast = from.stream().map(place -> place.broadcast(domain)).toList();
    Nest inner = Nest.over(domain, folded, broadcast);
    String i = shader.variable("i");
    shader
        .body()
        .block(
            "for (int "
                + i
                + " = "
                + start
                + "; "
                + i
                + " < "
                + end
                + "; "
                + i
                + " += "
                + step
                + ")",
            () -> {
              List<String> innerAt = shader.coordinates(i, inner.extents());
              String value = element(shader, operands, broadcast, inner, innerAt, keptAt);
              shader.body().line(sum, " = ", combined(shader, sum, value), ";");
            });
  }

  private String position(Bound written, List<String> at, int chunks) {
    List<String> axes = chunks == 1 ? at.subList(1, at.size()) : at;
    return written.position(axes, strides(written.place()));
  }

  private static List<Long> strides(Place place) {
    return IntStream.range(0, place.shape().rank()).mapToObj(place::stride).toList();
  }

  private String element(
      ShaderWriter shader,
      List<Bound> operands,
      List<Place> broadcast,
      Nest inner,
      List<String> innerAt,
      List<String> keptAt) {
    List<String> variables = new ArrayList<>(keptAt);
    variables.addAll(innerAt);
    ExpressionWriter writer =
        new ExpressionWriter(
            shader,
            from.stream().map(Place::dtype).toList(),
            index -> {
              List<Long> strides = new ArrayList<>();
              kept.forEach(axis -> strides.add(broadcast.get(index).stride(axis)));
              strides.addAll(inner.strides().get(index));
              Bound operand = operands.get(index);
              return shader.load(operand, operand.position(variables, strides));
            });
    return writer.write(prologue, sumType == DType.F32 ? DType.F32 : to.dtype());
  }

  private String neutral() {
    return switch (fn) {
      case SUM -> Glsl.literal(sumType, 0);
      case MAX ->
          switch (sumType) {
            case I32 -> Glsl.literal(Integer.MIN_VALUE);
            case I64 -> Glsl.literal(Long.MIN_VALUE);
            case F32, F64, F16, BF16, BOOL -> Glsl.literal(Float.NEGATIVE_INFINITY);
          };
    };
  }

  private String combined(ShaderWriter shader, String sum, String value) {
    return switch (fn) {
      case SUM -> sum + " + " + value;
      case MAX ->
          sumType == DType.F32
              ? shader.call("larger", sum, value)
              : "max(" + sum + ", " + value + ")";
    };
  }
}
