package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphRewriter;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Graphs with a fault in them.
final class GraphMutations {
  /// Before the name of a weight that no step updates.
  static final String STALE = "stale.";

  private GraphMutations() {}

  /// Later keys are not hidden: a choice between a score and a constant takes the score.
  static Graph withoutMask(Graph graph) {
    return GraphRewriter.rewrite(
        graph,
        (builder, node, inputs) ->
            node.op().equals(new Elementwise.Map(ScalarFn.SELECT))
                    && inputs.get(2).op() instanceof Leaf.Constant
                ? inputs.get(1)
                : builder.add(node.op(), inputs));
  }

  /// The gradient of a norm takes ones for the gradient that comes in.
  static Graph withoutUpstream(Graph graph) {
    return GraphRewriter.rewrite(
        graph,
        (builder, node, inputs) -> {
          if (!(node.op() instanceof Norm.RmsNormGrad)) {
            return builder.add(node.op(), inputs);
          }
          Node upstream = inputs.get(2);
          Node ones = builder.broadcast(builder.constant(upstream.dtype(), 1), upstream.shape());
          return builder.add(node.op(), inputs.get(0), inputs.get(1), ones);
        });
  }

  /// The gradient of attention takes 1 for the scale of the scores.
  static Graph withoutScale(Graph graph) {
    return GraphRewriter.rewrite(
        graph,
        (builder, node, inputs) ->
            node.op() instanceof Attention.AttendGrad(_, Attention.Mask mask)
                ? builder.add(new Attention.AttendGrad(1, mask), inputs)
                : builder.add(node.op(), inputs));
  }

  /// Products read copies of the weights that no step updates.
  static Graph withStaleWeights(Graph graph) {
    return GraphRewriter.rewrite(
        graph,
        (builder, node, inputs) ->
            node.op() instanceof Contract
                    && inputs.get(1).op()
                        instanceof Leaf.State(String name, TensorType type, _, var first)
                ? builder.add(
                    node.op(),
                    inputs.get(0),
                    builder.state(new Leaf.State(STALE + name, type, Leaf.Role.BUFFER, first)))
                : builder.add(node.op(), inputs));
  }

  /// Products take operands, and through the casts' derivatives gradients, that were rounded to a
  /// coarser type.
  static Graph withOperandsIn(DType coarse, Graph graph) {
    return GraphRewriter.rewrite(
        graph,
        (builder, node, inputs) -> {
          if (!(node.op() instanceof Contract)) {
            return builder.add(node.op(), inputs);
          }
          List<Node> operands = new ArrayList<>(inputs);
          for (int side = 0; side < 2; side++) {
            Node operand = inputs.get(side);
            operands.set(side, builder.cast(builder.cast(operand, coarse), operand.dtype()));
          }
          return builder.add(node.op(), operands);
        });
  }

  /// No state changes.
  static Graph withoutAssigns(Graph graph) {
    GraphBuilder builder = new GraphBuilder();
    Map<Node, Node> made = new HashMap<>();
    for (Node node : graph.nodes()) {
      List<Node> inputs =
          node.inputs().stream().map(input -> Objects.requireNonNull(made.get(input))).toList();
      made.put(node, builder.add(node.op(), inputs));
    }
    graph
        .outputs()
        .forEach((name, node) -> builder.output(name, Objects.requireNonNull(made.get(node))));
    Node loss = graph.loss();
    return loss == null ? builder.build() : builder.build(Objects.requireNonNull(made.get(loss)));
  }
}
