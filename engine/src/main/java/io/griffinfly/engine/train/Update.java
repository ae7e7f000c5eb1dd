package io.griffinfly.engine.train;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.TensorType;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// One parameter on its way to its next value. Half-precision parameters are updated in F32 and
/// rounded at the end.
///
/// @param g the builder
/// @param state the parameter's state node
/// @param parameter its value
/// @param gradient its gradient, of the value's type
record Update(GraphBuilder g, Node state, Node parameter, Node gradient) {
  /// Adds the update of every parameter.
  ///
  /// @param g the builder
  /// @param gradients for each parameter's state node its gradient
  /// @param next makes the next value from an update
  static void forEach(
      GraphBuilder g, SequencedMap<Node, Node> gradients, Function<Update, Node> next) {
    gradients.forEach((state, gradient) -> {
      DType wide =
          switch (state.dtype()) {
            case F64 -> DType.F64;
            case F32, F16, BF16 -> DType.F32;
            case I64, I32, BOOL ->
                throw new GraphException("an optimizer cannot change " + state.op());
          };
      Update update = new Update(g, state, g.cast(state, wide), g.cast(gradient, wide));
      g.assign(state, g.cast(next.apply(update), state.dtype()));
    });
  }

  /// A scalar state of the optimizer's own.
  static Node scalar(GraphBuilder g, String name, double first) {
    TensorType type = TensorType.of(DType.F32);
    return g.state(new Leaf.State(name, type, Leaf.Role.OPTIMIZER, new Initializer.Fill(first)));
  }

  /// Adds L2 regularization to the gradient.
  ///
  /// @param weightDecay factor of the parameter, 0 for none
  Update decayed(double weightDecay) {
    return weightDecay == 0
        ? this
        : new Update(g, state, parameter, g.add(gradient, g.scale(parameter, weightDecay)));
  }

  /// A running value of the parameter's shape, zero at first.
  ///
  /// @param kind what it is, for its name
  /// @param next makes the new value from the old
  /// @return the new value
  Node running(String kind, UnaryOperator<Node> next) {
    String name = state.op() instanceof Leaf.State(String own, _, _, _) ? own : state.toString();
    Node before =
        g.state(
            new Leaf.State(
                "optimizer." + kind + "." + name,
                parameter.type(),
                Leaf.Role.OPTIMIZER,
                Initializer.zeros()));
    Node after = next.apply(before);
    g.assign(before, after);
    return after;
  }

  /// The parameter minus a scalar times a step.
  ///
  /// @param rate a scalar of any floating-point type
  /// @param step of the parameter's shape
  Node minus(Node rate, Node step) {
    return g.sub(parameter, g.mul(g.cast(rate, parameter.dtype()), step));
  }
}
