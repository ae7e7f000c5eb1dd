package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

final class ContractVjp {
  private ContractVjp() {}

  static List<@Nullable Node> of(Pullback p, Contract op) {
    return switch (op) {
      case Contract.MatMul(boolean transposeLeft, boolean transposeRight) ->
          p.gradients(
              () -> left(p, transposeLeft, transposeRight),
              () -> right(p, transposeLeft, transposeRight));
      case Contract.FusedMatMul fused -> fused(p, fused);
    };
  }

  /// dC·Bᵀ, or B·dCᵀ for a transposed left operand: always in the operand's own orientation.
  private static Node left(Pullback p, boolean transposeLeft, boolean transposeRight) {
    Node dy = p.upstream();
    Node b = p.input(1);
    Node gradient =
        transposeLeft
            ? p.g().matMul(b, dy, transposeRight, true)
            : p.g().matMul(dy, b, false, !transposeRight);
    return p.sumTo(gradient, p.shape(0));
  }

  /// Aᵀ·dC, or dCᵀ·A for a transposed right operand: a weight stored `[out, in]` gets its gradient
  /// as `[out, in]`.
  private static Node right(Pullback p, boolean transposeLeft, boolean transposeRight) {
    Node dy = p.upstream();
    Node a = p.input(0);
    if (!transposeLeft && p.shape(1).rank() == 2) {
      // One weight for all batches: its gradient is a single product over all their rows, where
      // broadcasting back would make one weight gradient a batch and add them up.
      a = rows(p, a);
      dy = rows(p, dy);
    }
    Node gradient =
        transposeRight
            ? p.g().matMul(dy, a, true, transposeLeft)
            : p.g().matMul(a, dy, !transposeLeft, false);
    return p.sumTo(gradient, p.shape(1));
  }

  private static Node rows(Pullback p, Node x) {
    Shape shape = x.shape();
    int width = shape.dim(-1);
    int rows = 1;
    for (int axis = 0; axis < shape.rank() - 1; axis++) {
      rows *= shape.dim(axis);
    }
    return p.g().reshape(x, rows, width);
  }

  /// Takes the fused product apart and differentiates the parts.
  private static List<@Nullable Node> fused(Pullback p, Contract.FusedMatMul op) {
    List<Node> operands = new ArrayList<>(p.node().inputs());
    Node product =
        p.g()
            .matMul(
                operands.removeFirst(),
                operands.removeFirst(),
                op.transposeLeft(),
                op.transposeRight());
    operands.addFirst(product);
    Node result = build(p.g(), op.epilogue(), operands, product.dtype());
    Node whole = p.g().broadcast(result, p.node().shape());
    Map<Node, Node> found =
        new HashMap<>(
            Backprop.pullBack(p.g(), whole, p.upstream(), new LinkedHashSet<>(p.node().inputs())));
    // An operand that stands twice gets all of its gradient the first time.
    List<@Nullable Node> gradients = new ArrayList<>();
    for (Node input : p.node().inputs()) {
      gradients.add(found.remove(input));
    }
    return gradients;
  }

  private static Node build(
      GraphBuilder g, ScalarExpr expression, List<Node> operands, DType numbers) {
    return switch (expression) {
      case ScalarExpr.Arg(int index) -> operands.get(index);
      case ScalarExpr.Scalar(double value) -> g.constant(numbers, value);
      case ScalarExpr.Convert(DType to, ScalarExpr value) ->
          g.cast(build(g, value, operands, numbers), to);
      case ScalarExpr.Apply(ScalarFn fn, List<ScalarExpr> args) -> {
        Node[] inputs = new Node[args.size()];
        DType beside = numbers;
        for (int i = 0; i < inputs.length; i++) {
          inputs[i] = build(g, args.get(i), operands, numbers);
          boolean decides = !(args.get(i) instanceof ScalarExpr.Scalar);
          beside = decides && inputs[i].dtype().isFloat() ? inputs[i].dtype() : beside;
        }
        for (int i = 0; i < inputs.length; i++) {
          // A number takes the element type of the operands beside it.
          if (args.get(i) instanceof ScalarExpr.Scalar(double value)) {
            inputs[i] = g.constant(beside, value);
          }
        }
        yield g.map(fn, inputs);
      }
    };
  }
}
