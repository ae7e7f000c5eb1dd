package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The vector-Jacobian product of every operation, by family.
final class Vjp {
  private Vjp() {}

  /// Pulls the gradient of a node's results back to its operands.
  ///
  /// @param p the node and its upstream gradients
  /// @return one gradient for each operand, null where it is not of use or zero everywhere
  static List<@Nullable Node> of(Pullback p) {
    return switch (p.node().op()) {
      case Leaf _ -> List.of();
      case Elementwise elementwise -> ElementwiseVjp.of(p, elementwise);
      case Reduce reduce -> ReduceVjp.of(p, reduce);
      case Contract contract -> ContractVjp.of(p, contract);
      case Move move -> MoveVjp.of(p, move);
      case Gather gather -> GatherVjp.of(p, gather);
      case Norm norm -> NormVjp.of(p, norm);
      case Attention attention -> AttentionVjp.of(p, attention);
      case Loss loss -> LossVjp.of(p, loss);
    };
  }

  /// What to say of an operation that is itself a gradient.
  static GraphException secondDerivative(Op op) {
    return new GraphException(
        op
            + " is itself a gradient and cannot be differentiated: build the forward part from"
            + " primitives where second derivatives are needed");
  }
}
