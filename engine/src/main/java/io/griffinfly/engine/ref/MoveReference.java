package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import java.util.function.IntUnaryOperator;

final class MoveReference {
  private MoveReference() {}

  static Array evaluate(Move op, List<Array> inputs, TensorType type) {
    Array x = inputs.getFirst();
    return switch (op) {
      case Move.Reshape _ -> Array.of(type, x.data());
      case Move.Transpose(List<Integer> permutation) -> transpose(x, permutation);
      case Move.Broadcast(Shape shape) -> {
        IntUnaryOperator positions = Positions.broadcast(x.shape(), shape);
        yield ElementwiseReference.fill(type, i -> x.get(positions.applyAsInt(i)));
      }
      case Move.Slice(int axis, int start, _) -> {
        long[] strides = x.shape().strides();
        yield read(x, type, Positions.strided(type.shape(), start * strides[axis], strides));
      }
      case Move.Pad(int axis, int before, _) -> {
        double[] out = new double[Math.toIntExact(type.shape().size())];
        write(x, out, axis, before, type.shape());
        yield Array.of(type, out);
      }
      case Move.Concat(int axis) -> concat(inputs, axis, type);
      case Move.Project _ -> throw new GraphException("the operand has a single result");
    };
  }

  static Array transpose(Array x, List<Integer> permutation) {
    long[] own = x.shape().strides();
    long[] strides = permutation.stream().mapToLong(axis -> own[axis]).toArray();
    int[] dims = permutation.stream().mapToInt(x.shape()::dim).toArray();
    Shape shape = Shape.of(dims);
    return read(x, x.type().withShape(shape), Positions.strided(shape, 0, strides));
  }

  private static Array concat(List<Array> inputs, int axis, TensorType type) {
    double[] out = new double[Math.toIntExact(type.shape().size())];
    int start = 0;
    for (Array input : inputs) {
      write(input, out, axis, start, type.shape());
      start += input.shape().dim(axis);
    }
    return Array.of(type, out);
  }

  private static Array read(Array x, TensorType type, int... positions) {
    return ElementwiseReference.fill(type, i -> x.get(positions[i]));
  }

  /// Copies x into a larger array, from an index of one axis on.
  private static void write(Array x, double[] out, int axis, int start, Shape shape) {
    long[] strides = shape.strides();
    int[] positions = Positions.strided(x.shape(), start * strides[axis], strides);
    for (int i = 0; i < positions.length; i++) {
      out[positions[i]] = x.get(i);
    }
  }
}
