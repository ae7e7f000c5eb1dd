package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;

final class LeafReference {
  private LeafReference() {}

  static Array evaluate(Leaf op) {
    return switch (op) {
      case Leaf.Input _, Leaf.State _ ->
          throw new GraphException(op + " has no value of its own: it must be given");
      case Leaf.Constant(Literal literal) -> Array.of(literal);
      case Leaf.Iota(TensorType type, int axis) -> {
        long stride = type.shape().strides()[axis];
        int extent = type.shape().dim(axis);
        yield ElementwiseReference.fill(type, i -> i / stride % extent);
      }
    };
  }
}
