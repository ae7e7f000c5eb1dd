package io.griffinfly.engine.ir;

import static io.griffinfly.engine.ir.ShapeRules.require;
import static io.griffinfly.engine.ir.ShapeRules.requireCount;

import java.util.List;

/// Types of the results of [Move] operations.
final class MoveShapes {
  private MoveShapes() {}

  static TensorType infer(Move move, List<TensorType> inputs) {
    if (!(move instanceof Move.Concat)) {
      requireCount(inputs, 1);
    }
    return switch (move) {
      case Move.Concat(int axis) -> concat(axis, inputs);
      case Move.Reshape(Shape shape) -> {
        require(shape.size() == inputs.getFirst().shape().size(), "sizes differ");
        yield inputs.getFirst().withShape(shape);
      }
      case Move.Transpose(List<Integer> permutation) ->
          inputs.getFirst().withShape(transpose(inputs.getFirst().shape(), permutation));
      case Move.Broadcast(Shape shape) -> {
        require(
            Shape.broadcast(inputs.getFirst().shape(), shape).equals(shape), "does not broadcast");
        yield inputs.getFirst().withShape(shape);
      }
      case Move.Slice(int axis, int start, int size) -> {
        Shape shape = inputs.getFirst().shape();
        require(
            start >= 0 && size >= 0 && start + size <= shape.dim(shape.axis(axis)),
            "the range leaves the axis");
        yield inputs.getFirst().withShape(shape.with(axis, size));
      }
      case Move.Pad(int axis, int before, int after) -> {
        Shape shape = inputs.getFirst().shape();
        require(before >= 0 && after >= 0, "negative padding: use a slice");
        yield inputs
            .getFirst()
            .withShape(shape.with(axis, before + shape.dim(shape.axis(axis)) + after));
      }
      case Move.Project _ -> throw new GraphException("the operand has a single result");
    };
  }

  private static Shape transpose(Shape shape, List<Integer> permutation) {
    require(permutation.size() == shape.rank(), "the permutation must name every axis");
    int[] dims = new int[shape.rank()];
    boolean[] seen = new boolean[shape.rank()];
    for (int i = 0; i < dims.length; i++) {
      int from = permutation.get(i);
      require(from >= 0 && from < dims.length && !seen[from], "not a permutation");
      seen[from] = true;
      dims[i] = shape.dim(from);
    }
    return Shape.of(dims);
  }

  private static TensorType concat(int axis, List<TensorType> inputs) {
    require(!inputs.isEmpty(), "takes one operand or more");
    TensorType first = inputs.getFirst();
    int extent = 0;
    for (TensorType input : inputs) {
      require(input.dtype() == first.dtype(), "element types differ");
      extent += input.shape().dim(input.shape().axis(axis));
      require(
          input.shape().with(axis, 0).equals(first.shape().with(axis, 0)),
          "other axes must be equal");
    }
    return first.withShape(first.shape().with(axis, extent));
  }
}
