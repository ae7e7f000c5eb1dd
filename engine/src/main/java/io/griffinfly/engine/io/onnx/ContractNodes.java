package io.griffinfly.engine.io.onnx;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Writes matrix products and reductions.
final class ContractNodes {
  private final NodeWriter writer;
  private final ElementwiseNodes elementwise;

  ContractNodes(NodeWriter writer, ElementwiseNodes elementwise) {
    this.writer = writer;
    this.elementwise = elementwise;
  }

  String write(Contract op, Node node, List<String> inputs) {
    String left = side(inputs.get(0), node.input(0), op.transposeLeft());
    String right = side(inputs.get(1), node.input(1), op.transposeRight());
    String product = writer.node("MatMul", List.of(left, right));
    return switch (op) {
      case Contract.MatMul _ -> product;
      case Contract.FusedMatMul(_, _, ScalarExpr epilogue) -> {
        List<ElementwiseNodes.Typed> operands = new ArrayList<>();
        operands.add(new ElementwiseNodes.Typed(product, node.dtype()));
        for (int i = 2; i < inputs.size(); i++) {
          operands.add(new ElementwiseNodes.Typed(inputs.get(i), node.input(i).dtype()));
        }
        yield elementwise.write(epilogue, node.dtype(), operands).name();
      }
    };
  }

  /// A transposed weight is a constant, which runtimes transpose once, when they load.
  private String side(String value, Node operand, boolean transposed) {
    if (!transposed) {
      return value;
    }
    int rank = operand.shape().rank();
    int[] permutation = IntStream.range(0, rank).toArray();
    permutation[rank - 1] = rank - 2;
    permutation[rank - 2] = rank - 1;
    return writer.transpose(value, permutation);
  }

  String write(Reduce op, List<String> inputs) {
    return switch (op) {
      case Reduce.Fold(_, List<Integer> axes, _) when axes.isEmpty() ->
          writer.node("Identity", inputs);
      case Reduce.Fold(ReduceFn fn, List<Integer> axes, boolean keepDims) ->
          writer.reduce(
              switch (fn) {
                case SUM -> "ReduceSum";
                case MAX -> "ReduceMax";
              },
              inputs.getFirst(),
              keepDims,
              axes.stream().mapToInt(Integer::intValue).toArray());
      case Reduce.ArgMax(int axis, boolean keepDims) ->
          writer.node(
              "ArgMax",
              inputs,
              NodeWriter.integer("axis", axis),
              NodeWriter.integer("keepdims", keepDims ? 1 : 0));
    };
  }
}
