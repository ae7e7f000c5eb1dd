package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;
import java.util.stream.IntStream;

/// Writes the search for the largest element along an axis, the first of equals; NaN counts as
/// largest. A lane a row.
final class ArgMaxWriter {
  private ArgMaxWriter() {}

  static Stage write(int axis, Place x, Place result) {
    ShaderWriter shader = new ShaderWriter(PointwiseWriter.LANES, 0);
    Bound into = shader.writes(result);
    Bound input = shader.reads(x);
    long items = result.shape().size();
    String item = shader.let("int", "group * ", shader.lanes(), " + lane");
    shader.body().line("if (", item, " >= ", items, ") { return; }");
    List<Integer> extents =
        IntStream.range(0, x.shape().rank()).mapToObj(i -> i == axis ? 1 : x.dim(i)).toList();
    List<String> at = shader.coordinates(item, extents);
    List<Long> strides = IntStream.range(0, x.shape().rank()).mapToObj(x::stride).toList();
    String start = shader.let("int", input.position(at, strides));
    String best = shader.let(Glsl.register(x.dtype()), shader.load(input, start));
    String index = shader.let("int", "0");
    String value = shader.variable("v");
    shader
        .body()
        .block(
            "for (int i = 1; i < " + x.dim(axis) + "; i++)",
            () -> {
              String element = shader.load(input, start + " + i * " + x.stride(axis));
              shader.body().line(Glsl.register(x.dtype()), " ", value, " = ", element, ";");
              String isLarger = value + " > " + best;
              String isNumber =
                  x.dtype().isFloat()
                      ? isLarger + " || (isnan(" + value + ") && !isnan(" + best + "))"
                      : isLarger;
              shader
                  .body()
                  .line("if (", isNumber, ") { ", best, " = ", value, "; ", index, " = i; }");
            });
    boolean keeps = result.shape().rank() == x.shape().rank();
    List<String> resultAt =
        IntStream.range(0, at.size()).filter(i -> keeps || i != axis).mapToObj(at::get).toList();
    List<Long> resultStrides =
        IntStream.range(0, result.shape().rank()).mapToObj(result::stride).toList();
    shader.store(into, into.position(resultAt, resultStrides), "int64_t(" + index + ")");
    return shader.stage(Math.ceilDiv(items, shader.lanes()));
  }
}
