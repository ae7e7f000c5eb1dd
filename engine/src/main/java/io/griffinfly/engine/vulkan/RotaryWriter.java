package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.List;
import java.util.stream.IntStream;

/// Writes the rotary embedding for tensors that lie in groups of four: a lane rotates four pairs.
final class RotaryWriter {
  private static final int LANES = 64;

  private RotaryWriter() {}

  /// Whether both halves of every vector, and the factors, lie in groups of four.
  ///
  /// @param from tensor, cosines, sines
  static boolean accepts(List<Place> from, Place to) {
    Place x = from.get(0);
    return x.shape().size() > 0
        && x.dim(-1) % 8 == 0
        && x.inFours()
        && to.inFours()
        && from.get(1).inFours()
        && from.get(2).inFours();
  }

  /// Writes the stage.
  ///
  /// @param from tensor, cosines, sines
  /// @param to result; may be the tensor
  static Stage write(List<Place> from, Place to, boolean inverse) {
    Shape fours = fours(to.half(0)).shape();
    List<Place> halves = List.of(to.half(0), from.get(0).half(0), from.get(1), from.get(2));
    List<Place> places = halves.stream().map(place -> fours(place).broadcast(fours)).toList();
    List<Integer> axes = IntStream.range(0, fours.rank()).boxed().toList();
    Nest nest = Nest.over(fours, axes, places);
    ShaderWriter shader = new ShaderWriter(LANES, 0);
    List<Bound> bound =
        List.of(
            shader.writesFours(to),
            shader.readsFours(from.get(0)),
            shader.readsFours(from.get(1)),
            shader.readsFours(from.get(2)));
    String item = shader.let("int", "group * ", LANES, " + lane");
    shader.body().line("if (", item, " >= ", nest.size(), ") { return; }");
    List<String> at = shader.coordinates(item, nest.extents());
    List<String> positions =
        IntStream.range(0, bound.size())
            .mapToObj(i -> shader.let("int", bound.get(i).position(at, nest.strides().get(i))))
            .toList();
    int half = to.dim(-1) / 2;
    String x = positions.get(1);
    String a = shader.let("vec4", shader.loadFour(bound.get(1), x));
    String b = shader.let("vec4", shader.loadFour(bound.get(1), x + " + " + half));
    String cos = shader.let("vec4", shader.loadFour(bound.get(2), positions.get(2)));
    String sin = shader.let("vec4", shader.loadFour(bound.get(3), positions.get(3)));
    String first = inverse ? " + " : " - ";
    String second = inverse ? " - " : " + ";
    String y = positions.getFirst();
    shader.storeFour(bound.getFirst(), y, "(" + a + " * " + cos + first + b + " * " + sin + ")");
    shader.storeFour(
        bound.getFirst(), y + " + " + half, "(" + b + " * " + cos + second + a + " * " + sin + ")");
    return shader.stage(Math.ceilDiv(nest.size(), LANES));
  }

  /// A place in groups of four, of which each counts as one element.
  private static Place fours(Place place) {
    int rank = place.shape().rank();
    long[] strides = place.layout().strides();
    strides[rank - 1] *= 4;
    return place.with(place.shape().with(-1, place.dim(-1) / 4), place.layout().offset(), strides);
  }
}
