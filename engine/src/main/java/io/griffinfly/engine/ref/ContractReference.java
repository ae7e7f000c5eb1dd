package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

final class ContractReference {
  private ContractReference() {}

  static Array evaluate(Contract op, List<Array> inputs, TensorType type) {
    Array left = op.transposeLeft() ? transposed(inputs.get(0)) : inputs.get(0);
    Array right = op.transposeRight() ? transposed(inputs.get(1)) : inputs.get(1);
    Array product = product(left, right, type);
    return switch (op) {
      case Contract.MatMul _ -> product;
      case Contract.FusedMatMul(_, _, ScalarExpr epilogue) ->
          epilogue(epilogue, product, inputs.subList(2, inputs.size()));
    };
  }

  private static Array transposed(Array x) {
    int rank = x.shape().rank();
    List<Integer> permutation =
        IntStream.range(0, rank)
            .map(axis -> axis < rank - 2 ? axis : 2 * rank - 3 - axis)
            .boxed()
            .toList();
    return MoveReference.transpose(x, permutation);
  }

  private static Array product(Array left, Array right, TensorType type) {
    int m = left.shape().dim(-2);
    int k = left.shape().dim(-1);
    int n = right.shape().dim(-1);
    Shape batch = leading(type.shape());
    IntUnaryOperator leftBatch = Positions.broadcast(leading(left.shape()), batch);
    IntUnaryOperator rightBatch = Positions.broadcast(leading(right.shape()), batch);
    double[] a = left.data();
    double[] b = right.data();
    double[] c = new double[Math.toIntExact(type.shape().size())];
    // Every row of the result is summed by one thread, over k in ascending order.
    IntStream.range(0, Math.toIntExact(batch.size()) * m)
        .parallel()
        .forEach(row -> {
          int aRow = (leftBatch.applyAsInt(row / m) * m + row % m) * k;
          int bMatrix = rightBatch.applyAsInt(row / m) * k * n;
          for (int l = 0; l < k; l++) {
            addScaled(c, row * n, a[aRow + l], b, bMatrix + l * n, n);
          }
        });
    return Array.of(type, c);
  }

  /// c[cStart..] += factor · b[bStart..], over n elements.
  private static void addScaled(
      double[] c, int cStart, double factor, double[] b, int bStart, int n) {
    for (int j = 0; j < n; j++) {
      c[cStart + j] += factor * b[bStart + j];
    }
  }

  private static Shape leading(Shape shape) {
    return Shape.of(java.util.Arrays.copyOf(shape.dims(), shape.rank() - 2));
  }

  private static Array epilogue(ScalarExpr epilogue, Array product, List<Array> extras) {
    List<IntToDoubleFunction> operands =
        extras.stream()
            .map(extra -> ElementwiseReference.broadcast(extra, product.shape()))
            .toList();
    return ElementwiseReference.fill(
        product.type(),
        i -> {
          double[] values = new double[1 + operands.size()];
          values[0] = product.get(i);
          for (int operand = 0; operand < operands.size(); operand++) {
            values[1 + operand] = operands.get(operand).applyAsDouble(i);
          }
          return ScalarReference.expression(epilogue, values);
        });
  }
}
