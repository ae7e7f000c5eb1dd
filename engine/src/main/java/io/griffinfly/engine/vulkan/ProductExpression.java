package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// An epilogue that is an expression: its operand 0 is the sum, operand `i` the element at the same
/// place of another tensor.
///
/// @param expression what is stored
/// @param others what operands 1 and up are, broadcast to the result
/// @param result where it is stored
record ProductExpression(ScalarExpr expression, List<Place> others, Place result)
    implements Product.Epilogue {
  ProductExpression {
    others = List.copyOf(others);
  }

  private List<DType> types() {
    List<DType> types = new ArrayList<>(List.of(DType.F32));
    others.forEach(place -> types.add(place.dtype()));
    return types;
  }

  private String position(Bound bound, List<String> at) {
    Place place = bound.place().broadcast(result.shape());
    List<Long> strides = IntStream.range(0, place.shape().rank()).mapToObj(place::stride).toList();
    return bound.position(at, strides);
  }

  @Override
  public Product.Bindings bind(ShaderWriter shader) {
    List<Bound> bound = others.stream().map(shader::reads).toList();
    return new Product.Bindings() {
      @Override
      public String write(String product, List<String> at) {
        return new ExpressionWriter(
                shader,
                types(),
                i ->
                    i == 0
                        ? product
                        : shader.load(bound.get(i - 1), position(bound.get(i - 1), at)))
            .write(expression, result.dtype());
      }

      @Override
      public UnaryOperator<String> prepare(List<String> at) {
        List<String> loaded =
            bound.stream()
                .map(each ->
                    shader.let(
                        Glsl.register(each.place().dtype()), shader.load(each, position(each, at))))
                .toList();
        return product ->
            new ExpressionWriter(shader, types(), i -> i == 0 ? product : loaded.get(i - 1))
                .write(expression, result.dtype());
      }
    };
  }

  @Override
  public Product.Fours bindFours(ShaderWriter shader) {
    List<Bound> bound =
        others.stream()
            .map(place -> isFours(place) ? shader.readsFours(place) : shader.reads(place))
            .toList();
    return at -> {
      List<List<String>> operands = bound.stream().map(each -> four(shader, each, at)).toList();
      return sums -> elements(shader, operands, sums);
    };
  }

  private String elements(ShaderWriter shader, List<List<String>> operands, String sums) {
    List<String> values = new ArrayList<>();
    for (int c = 0; c < 4; c++) {
      int column = c;
      values.add(
          new ExpressionWriter(
                  shader,
                  types(),
                  i -> i == 0 ? sums + "[" + column + "]" : operands.get(i - 1).get(column))
              .write(expression, result.dtype()));
    }
    return "vec4(" + String.join(", ", values) + ")";
  }

  /// Whether four neighbouring columns of the result are four neighbouring elements of a place.
  private boolean isFours(Place place) {
    return place.inFours() && place.dim(-1) == result.dim(-1);
  }

  private List<String> four(ShaderWriter shader, Bound bound, List<String> at) {
    Place place = bound.place();
    if (isFours(place)) {
      String four = shader.let("vec4", shader.loadFour(bound, position(bound, at)));
      return IntStream.range(0, 4).mapToObj(i -> four + "[" + i + "]").toList();
    }
    String type = Glsl.register(place.dtype());
    if (place.broadcast(result.shape()).stride(-1) == 0) {
      String value = shader.let(type, shader.load(bound, position(bound, at)));
      return List.of(value, value, value, value);
    }
    return IntStream.range(0, 4)
        .mapToObj(i -> {
          List<String> element = new ArrayList<>(at);
          element.set(at.size() - 1, "(" + at.getLast() + " + " + i + ")");
          return shader.let(type, shader.load(bound, position(bound, element)));
        })
        .toList();
  }
}
