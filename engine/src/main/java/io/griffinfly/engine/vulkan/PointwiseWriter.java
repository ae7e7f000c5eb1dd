package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Writes kernels that compute each element by itself: a lane an element, in the order in which the
/// first result lies in memory.
final class PointwiseWriter {
  /// A multiple of every subgroup size; lavapipe wants 64 or more.
  static final int LANES = 64;

  private PointwiseWriter() {}

  /// Writes a stage.
  ///
  /// @param domain shape of the results; the operands broadcast to it
  /// @param expressions one a result
  /// @param from operands
  /// @param to results; each may be one of the operands
  static Stage write(Shape domain, List<ScalarExpr> expressions, List<Place> from, List<Place> to) {
    List<Place> places = new ArrayList<>(to);
    from.forEach(place -> places.add(place.broadcast(domain)));
    List<Integer> axes = IntStream.range(0, domain.rank()).boxed().toList();
    Nest nest = Nest.over(domain, axes, places);
    ShaderWriter shader = new ShaderWriter(LANES, 0);
    List<Bound> results = to.stream().map(shader::writes).toList();
    List<Bound> operands = from.stream().map(shader::reads).toList();
    long size = domain.size();
    String item = shader.let("int", "group * ", LANES, " + lane");
    shader.body().line("if (", item, " >= ", size, ") { return; }");
    List<String> at = shader.coordinates(item, nest.extents());
    List<DType> types = from.stream().map(Place::dtype).toList();
    ExpressionWriter writer =
        new ExpressionWriter(
            shader,
            types,
            i -> {
              List<Long> strides = nest.strides().get(to.size() + i);
              return shader.load(operands.get(i), operands.get(i).position(at, strides));
            });
    // Every value is read before the first is written: a result may be an operand.
    List<String> values = new ArrayList<>();
    for (int i = 0; i < to.size(); i++) {
      values.add(writer.write(expressions.get(i), to.get(i).dtype()));
    }
    for (int i = 0; i < to.size(); i++) {
      Bound result = results.get(i);
      shader.store(result, result.position(at, nest.strides().get(i)), values.get(i));
    }
    return shader.stage(Math.ceilDiv(size, LANES));
  }
}
