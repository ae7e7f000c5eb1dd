package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Node;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/// Adds the gradient of a loss to the graph that computes it.
public final class Backprop {
  private Backprop() {}

  /// Differentiates a loss.
  ///
  /// Only nodes on a path from one of `wrt` to the loss get gradients. Where a value has several
  /// users, their gradients are added in descending order of the users' ids, so equal graphs give
  /// equal sums.
  ///
  /// @param g the builder of the graph, to which the gradients' nodes are added
  /// @param loss a floating-point scalar
  /// @param wrt floating-point nodes of any kind, parameters or others
  /// @return for each of `wrt` the gradient, of the node's own type; a constant zero where the loss
  ///   does not depend on it
  /// @throws GraphException if the loss or one of `wrt` is of another type, or an operation on the
  ///   way has no gradient
  public static SequencedMap<Node, Node> gradients(GraphBuilder g, Node loss, List<Node> wrt) {
    return gradients(g, loss, wrt, Seed.CONSTANT);
  }

  /// Differentiates a loss as [#gradients(GraphBuilder, Node, List)] does.
  ///
  /// @param g the builder of the graph, to which the gradients' nodes are added
  /// @param loss a floating-point scalar
  /// @param wrt floating-point nodes of any kind, parameters or others
  /// @param seed the gradient of the loss itself
  /// @return for each of `wrt` the gradient
  /// @throws GraphException as above
  public static SequencedMap<Node, Node> gradients(
      GraphBuilder g, Node loss, List<Node> wrt, Seed seed) {
    if (loss.shape().rank() != 0 || !loss.dtype().isFloat()) {
      throw new GraphException("the loss must be a floating-point scalar, not " + loss.type());
    }
    for (Node node : wrt) {
      if (!node.dtype().isFloat()) {
        throw new GraphException(node + " is " + node.type() + ", which has no gradient");
      }
    }
    Map<Node, Node> found =
        ReverseSweep.run(g, loss, seed.of(g, loss), new LinkedHashSet<>(wrt), Set.of());
    SequencedMap<Node, Node> gradients = new LinkedHashMap<>();
    for (Node node : wrt) {
      Node gradient = found.get(node);
      gradients.put(node, gradient == null ? g.constant(Literal.splat(node.type(), 0)) : gradient);
    }
    return gradients;
  }

  /// Pulls a gradient back through the part of a graph between some nodes and a result of theirs.
  ///
  /// @param g the builder
  /// @param result a node
  /// @param upstream the gradient of the result
  /// @param wrt where to stop: what these nodes are made from is not looked at
  /// @return the gradients of those of `wrt` that the result depends on
  static Map<Node, Node> pullBack(
      GraphBuilder g, Node result, Node upstream, SequencedSet<Node> wrt) {
    return ReverseSweep.run(g, result, upstream, wrt, wrt);
  }
}
