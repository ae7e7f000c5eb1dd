package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Writes kernels that compute each element by itself, four neighbours a lane.
final class WidePointwise {
  /// Lanes of a workgroup: enough that a device of 132 cores is full of them, few enough that small
  /// tensors still spread over it.
  static final int LANES = 128;

  private WidePointwise() {}

  /// Writes a stage where all results, and the operands that are real numbers, lie in groups of
  /// four or repeat along them.
  ///
  /// @param domain shape of the results; the operands broadcast to it
  /// @param expressions one a result
  /// @param from operands
  /// @param to results; each may be one of the operands
  static Optional<Stage> write(
      Shape domain, List<ScalarExpr> expressions, List<Place> from, List<Place> to) {
    List<Place> places = new ArrayList<>(to);
    from.forEach(place -> places.add(place.broadcast(domain)));
    List<Integer> axes = IntStream.range(0, domain.rank()).boxed().toList();
    Nest nest = Nest.over(domain, axes, places);
    List<List<Long>> strides = nest.strides();
    if (domain.size() == 0
        || nest.extents().isEmpty()
        || nest.extents().getLast() % 4 != 0
        || !IntStream.range(0, to.size())
            .allMatch(i -> FourReader.inFours(to.get(i), strides.get(i)))) {
      return Optional.empty();
    }
    List<List<Long>> read = strides.subList(to.size(), strides.size());
    if (!FourReader.accepts(from, read)) {
      return Optional.empty();
    }
    ShaderWriter shader = new ShaderWriter(LANES, 0);
    List<Bound> results = to.stream().map(shader::writesFours).toList();
    FourReader reader = new FourReader(shader, from, read);
    long fours = domain.size() / 4;
    String item = shader.let("int", "group * ", LANES, " + lane");
    shader.body().line("if (", item, " >= ", fours, ") { return; }");
    String first = shader.let("int", item, " * 4");
    List<String> at = shader.coordinates(first, nest.extents());
    FourReader.Fours operands = reader.read(at);
    // Every value is computed before the first is written: a result may be an operand.
    List<List<String>> values = new ArrayList<>();
    for (int i = 0; i < to.size(); i++) {
      DType type = to.get(i).dtype();
      values.add(operands.write(expressions.get(i), type));
    }
    for (int i = 0; i < to.size(); i++) {
      Bound result = results.get(i);
      String value = "vec4(" + String.join(", ", values.get(i)) + ")";
      shader.storeFour(result, result.position(at, strides.get(i)), value);
    }
    return Optional.of(shader.stage(Math.ceilDiv(fours, LANES)));
  }
}
