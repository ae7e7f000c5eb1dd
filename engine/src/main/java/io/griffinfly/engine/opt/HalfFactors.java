package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Rounds the factors of every single-precision matrix product to halves and sums in single
/// precision, as training in mixed precision does (Micikevicius et al. 2018): everything else, the
/// weights that an optimizer changes above all, stays in single precision.
///
/// A rounding stands right behind the operation that makes the value, before views of it, so that
/// all products of the value share it and its kernel can store halves at once.
public final class HalfFactors {
  private final GraphBuilder builder = new GraphBuilder();
  private final Map<Node, Node> made = new HashMap<>();
  private final Map<Node, Node> rounded = new HashMap<>();

  private HalfFactors() {}

  /// Rewrites a graph.
  ///
  /// @param graph the graph
  /// @return the graph with rounded factors
  public static Graph round(Graph graph) {
    HalfFactors pass = new HalfFactors();
    for (Node node : graph.nodes()) {
      List<Node> inputs = node.inputs().stream().map(pass.made::get).toList();
      pass.made.put(node, pass.rebuild(node, inputs));
    }
    graph.outputs().forEach((name, node) -> pass.builder.output(name, pass.get(node)));
    for (Assign assign : graph.assigns()) {
      pass.builder.assign(pass.get(assign.state()), pass.get(assign.value()));
    }
    Node loss = graph.loss();
    return loss == null ? pass.builder.build() : pass.builder.build(pass.get(loss));
  }

  private Node get(Node node) {
    return java.util.Objects.requireNonNull(made.get(node));
  }

  private Node rebuild(Node node, List<Node> inputs) {
    if (!(node.op() instanceof Contract contract) || inputs.getFirst().dtype() != DType.F32) {
      return builder.add(node.op(), inputs);
    }
    List<Node> operands = new ArrayList<>(inputs);
    operands.set(0, half(inputs.get(0)));
    operands.set(1, half(inputs.get(1)));
    ScalarExpr epilogue =
        switch (contract) {
          case Contract.MatMul _ -> new ScalarExpr.Arg(0);
          case Contract.FusedMatMul(_, _, ScalarExpr expression) -> expression;
        };
    return builder.add(
        new Contract.FusedMatMul(contract.transposeLeft(), contract.transposeRight(), epilogue),
        operands);
  }

  /// A value of the new graph in halves.
  private Node half(Node node) {
    Node known = rounded.get(node);
    if (known == null) {
      known =
          roundsItsParts(node) ? view(node) : builder.add(new Elementwise.Cast(DType.F16), node);
      rounded.put(node, known);
    }
    return known;
  }

  private Node view(Node node) {
    return builder.add(node.op(), node.inputs().stream().map(this::half).toList());
  }

  /// Whether a value only arranges all elements of others. Weights side by side are rounded as one.
  private static boolean roundsItsParts(Node node) {
    return switch (node.op()) {
      case Move.Reshape _, Move.Transpose _, Move.Broadcast _ -> true;
      case Move.Concat _ ->
          !node.inputs().stream().allMatch(part -> part.op() instanceof Leaf.State);
      default -> false;
    };
  }
}
