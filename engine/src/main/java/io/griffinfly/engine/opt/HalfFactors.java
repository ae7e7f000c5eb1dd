package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Rounds the factors of every single-precision matrix product to halves and sums in single
/// precision, as training in mixed precision does (Micikevicius et al. 2018): everything else, the
/// weights that an optimizer changes above all, stays in single precision.
///
/// A rounding stands right behind the operation that makes the value, before views of it, so that
/// all products of the value share it and its kernel can store halves at once.
///
/// Values that are too small for halves are multiplied by a power of two of their own when they are
/// rounded, and the products that read them are divided by it: [DelayedScales].
public final class HalfFactors {
  private final GraphBuilder builder = new GraphBuilder();
  private final Map<Node, Node> made = new HashMap<>();
  private final Map<Node, Node> rounded = new HashMap<>();
  private final ScaledFactors factors;
  private final DelayedScales scales;

  private HalfFactors(ScaledFactors factors, double firstScale) {
    this.factors = factors;
    this.scales = new DelayedScales(builder, factors.slots(), firstScale);
  }

  /// Rewrites a graph.
  ///
  /// @param graph the graph
  /// @param scaled values that get scales of their own where they are rounded: gradients
  /// @param firstScale the scale of all of them in the first step, a power of two
  /// @return the graph with rounded factors, and the states and effects of the scales
  public static Graph round(Graph graph, Set<Node> scaled, double firstScale) {
    HalfFactors pass = new HalfFactors(ScaledFactors.of(graph, scaled), firstScale);
    for (Node node : graph.nodes()) {
      pass.made.put(node, pass.rebuild(node));
    }
    graph.outputs().forEach((name, node) -> pass.builder.output(name, pass.get(node)));
    for (Assign assign : graph.assigns()) {
      pass.builder.assign(pass.get(assign.state()), pass.get(assign.value()));
    }
    pass.scales.update(
        pass.factors.slots().stream()
            .map(slot -> slot.parts().stream().map(pass::get).toList())
            .toList());
    Node loss = graph.loss();
    return loss == null ? pass.builder.build() : pass.builder.build(pass.get(loss));
  }

  private Node get(Node node) {
    return Objects.requireNonNull(made.get(node));
  }

  private Node rebuild(Node node) {
    List<Node> inputs = node.inputs().stream().map(this::get).toList();
    if (!(node.op() instanceof Contract contract) || !ScaledFactors.isRounded(node)) {
      return builder.add(node.op(), inputs);
    }
    List<Node> operands = new ArrayList<>(inputs);
    ScalarExpr sum = new ScalarExpr.Arg(0);
    for (int i = 0; i < 2; i++) {
      Node factor = node.input(i);
      operands.set(i, half(factor));
      Optional<Integer> slot = factors.slot(factor);
      if (slot.isPresent()) {
        operands.add(scales.inverse(slot.get()));
        ScalarExpr inverse = new ScalarExpr.Arg(operands.size() - 2);
        sum = ScalarExpr.apply(ScalarFn.MUL, sum, inverse);
      }
    }
    ScalarExpr epilogue =
        switch (contract) {
          case Contract.MatMul _ -> sum;
          case Contract.FusedMatMul(_, _, ScalarExpr expression) -> withProduct(expression, sum);
        };
    return builder.add(
        new Contract.FusedMatMul(contract.transposeLeft(), contract.transposeRight(), epilogue),
        operands);
  }

  /// An epilogue of something made of the product.
  private static ScalarExpr withProduct(ScalarExpr epilogue, ScalarExpr product) {
    List<ScalarExpr> operands = new ArrayList<>(List.of(product));
    for (int i = 1; i < epilogue.arity(); i++) {
      operands.add(new ScalarExpr.Arg(i));
    }
    return epilogue.substitute(operands);
  }

  /// A value of the old graph in halves. What lies side by side is rounded in the order in which it
  /// is made: kernels that write to one place wait for each other, and none has to wait for a value
  /// that comes later.
  private Node half(Node node) {
    factors.earliestFirst(node).stream()
        .filter(part -> !rounded.containsKey(part))
        .forEach(part ->
            rounded.put(part, builder.add(new Elementwise.Cast(DType.F16), scaled(part))));
    return arranged(node);
  }

  private Node arranged(Node node) {
    Node known = rounded.get(node);
    if (known == null) {
      known = builder.add(node.op(), node.inputs().stream().map(this::arranged).toList());
      rounded.put(node, known);
    }
    return known;
  }

  private Node scaled(Node node) {
    return factors.slot(node).map(slot -> scales.apply(slot, get(node))).orElseGet(() -> get(node));
  }
}
