package io.griffinfly.engine.ir;

import static io.griffinfly.engine.ir.ShapeRules.require;
import static io.griffinfly.engine.ir.ShapeRules.requireCount;

import java.util.List;

/// Types of the results of norms, attention and losses.
final class CompositeShapes {
  private CompositeShapes() {}

  static ValueType norm(Norm norm, List<TensorType> inputs) {
    requireCount(inputs, norm instanceof Norm.RmsNorm ? 2 : 3);
    TensorType x = inputs.get(0);
    TensorType weight = inputs.get(1);
    require(x.dtype().isFloat() && x.shape().rank() >= 1, "takes floating point, rank 1 or more");
    require(
        weight.equals(TensorType.of(x.dtype(), x.shape().dim(-1))),
        "the weight must have the extent of the last axis");
    return switch (norm) {
      case Norm.RmsNorm _ -> x;
      case Norm.RmsNormGrad _ -> {
        require(inputs.get(2).equals(x), "the gradient must have the type of x");
        yield new ValueType.Tuple(List.of(x, weight));
      }
    };
  }

  static ValueType attention(Attention attention, List<TensorType> inputs) {
    return switch (attention) {
      case Attention.Rotary _ -> rotary(inputs);
      case Attention.Attend _ -> {
        requireCount(inputs, 3);
        yield attend(inputs);
      }
      case Attention.AttendGrad _ -> {
        requireCount(inputs, 6);
        ValueType.Tuple forward = attend(inputs.subList(0, 3));
        require(inputs.subList(3, 5).equals(forward.elements()), "not the results of attention");
        require(inputs.get(5).equals(inputs.get(3)), "the gradient must have the result's type");
        yield new ValueType.Tuple(
            inputs.subList(0, 3).stream().map(CompositeShapes::summed).toList());
      }
    };
  }

  /// The type of sums of products of a type.
  private static TensorType summed(TensorType type) {
    return type.dtype().isHalf() ? new TensorType(DType.F32, type.shape()) : type;
  }

  private static TensorType rotary(List<TensorType> inputs) {
    requireCount(inputs, 3);
    TensorType x = inputs.getFirst();
    require(x.dtype().isFloat() && x.shape().rank() >= 1, "takes floating point, rank 1 or more");
    require(x.shape().dim(-1) % 2 == 0, "the last extent must be even");
    Shape half = x.shape().with(-1, x.shape().dim(-1) / 2);
    for (TensorType table : inputs.subList(1, 3)) {
      require(
          table.dtype() == x.dtype() || table.dtype() == DType.F32,
          "cos and sin must have the type of x or single precision");
      require(
          Shape.broadcast(half, table.shape()).equals(half),
          "cos and sin must broadcast to " + half);
    }
    return x;
  }

  private static ValueType.Tuple attend(List<TensorType> inputs) {
    Shape q = inputs.get(0).shape();
    Shape k = inputs.get(1).shape();
    Shape v = inputs.get(2).shape();
    require(q.rank() == 4 && k.rank() == 4 && v.rank() == 4, "takes rank 4");
    for (TensorType input : inputs) {
      require(
          input.dtype().isFloat() && input.dtype() == inputs.getFirst().dtype(),
          "takes equal float types");
    }
    require(q.dim(0) == k.dim(0) && q.dim(3) == k.dim(3), "q and k do not fit");
    require(k.with(3, 0).equals(v.with(3, 0)), "k and v do not fit");
    require(
        k.dim(1) > 0 && q.dim(1) % k.dim(1) == 0, "query heads must be a multiple of key heads");
    return new ValueType.Tuple(
        List.of(
            inputs.getFirst().withShape(q.with(3, v.dim(3))),
            TensorType.of(DType.F32, q.dim(0), q.dim(1), q.dim(2))));
  }

  static ValueType loss(Loss loss, List<TensorType> inputs) {
    TensorType logits = inputs.getFirst();
    require(
        logits.dtype().isFloat() && logits.shape().rank() >= 1, "logits must be floating point");
    int[] dims = java.util.Arrays.copyOf(logits.shape().dims(), logits.shape().rank() - 1);
    TensorType perPosition = TensorType.of(logits.dtype(), dims);
    TensorType scalar = TensorType.of(logits.dtype());
    requireCount(inputs, loss instanceof Loss.CrossEntropy ? 2 : 4);
    TensorType labels = inputs.get(1);
    require(
        labels.dtype().isInteger() && labels.shape().equals(perPosition.shape()),
        "labels must be integers of shape " + perPosition.shape());
    return switch (loss) {
      case Loss.CrossEntropy _ -> new ValueType.Tuple(List.of(scalar, perPosition));
      case Loss.CrossEntropyGrad _ -> {
        require(inputs.get(2).equals(perPosition), "not the log-denominators of the loss");
        require(inputs.get(3).equals(scalar), "the gradient of the mean must be a scalar");
        yield logits;
      }
    };
  }
}
