package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One node on the way back: what a vector-Jacobian product is given.
///
/// @param g the builder that takes the new nodes
/// @param node the node whose operands' gradients are asked for
/// @param upstreams the gradient of each of its results; null where the loss does not use it, but
///   not for all
/// @param wanted for each operand whether its gradient is of use
record Pullback(GraphBuilder g, Node node, List<@Nullable Node> upstreams, List<Boolean> wanted) {
  /// The gradient of a node with one result.
  Node upstream() {
    Node upstream = upstreams.getFirst();
    if (upstream == null) {
      throw new GraphException(node + " = " + node.op() + " has no gradient of its first result");
    }
    return upstream;
  }

  Node input(int index) {
    return node.input(index);
  }

  Shape shape(int input) {
    return node.input(input).shape();
  }

  DType dtype() {
    return upstream().dtype();
  }

  /// Makes the gradients that are of use.
  ///
  /// @param gradients how to make each operand's gradient
  /// @return one gradient for each operand, null where it is not of use or zero everywhere
  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  final List<@Nullable Node> gradients(Supplier<? extends @Nullable Node>... gradients) {
    List<@Nullable Node> made = new ArrayList<>();
    for (int i = 0; i < gradients.length; i++) {
      made.add(wanted.get(i) ? gradients[i].get() : null);
    }
    return made;
  }

  /// No gradient for any operand.
  List<@Nullable Node> none() {
    List<@Nullable Node> none = new ArrayList<>();
    node.inputs().forEach(_ -> none.add(null));
    return none;
  }

  /// A number of the gradient's element type.
  Node number(double value) {
    return g.constant(dtype(), value);
  }

  /// `value` where the condition holds, else zero.
  Node where(Node condition, Node value) {
    return g.map(ScalarFn.SELECT, condition, value, g.constant(value.dtype(), 0));
  }

  /// Undoes a broadcast: sums over the axes along which a shape was stretched.
  ///
  /// @param x a gradient of the stretched shape
  /// @param target the shape before
  /// @return the sum, of the target's shape
  Node sumTo(Node x, Shape target) {
    int added = x.shape().rank() - target.rank();
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < x.shape().rank(); axis++) {
      boolean stretched = axis >= added && target.dim(axis - added) != x.shape().dim(axis);
      if (axis < added || stretched) {
        axes.add(axis);
      }
    }
    int[] summed = axes.stream().mapToInt(Integer::intValue).toArray();
    Node sum = summed.length == 0 ? x : g.sum(x, false, summed);
    return g.reshape(sum, target.dims());
  }
}
