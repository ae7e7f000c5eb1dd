package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Attention;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Rounds the factors of every single-precision matrix product to halves and sums in single
/// precision, as training in mixed precision does (Micikevicius et al. 2018): everything else, the
/// weights that an optimizer changes above all, stays in single precision.
///
/// Attention is two products with a softmax between them: its operands are halves, and so are its
/// results, which are factors of further products. What only turns factors ([Attention.Rotary])
/// takes and yields halves.
///
/// A rounding stands right behind the operation that makes the value, before views of it, so that
/// all products of the value share it and its kernel can store halves at once.
public final class HalfFactors {
  /// The operand of attention's gradient that is the logarithms of its denominators.
  private static final int LOGARITHMS = 4;

  private final GraphBuilder builder = new GraphBuilder();
  private final Map<Node, Node> made = new HashMap<>();
  private final Map<Node, Node> rounded = new HashMap<>();

  /// Values of the graph that nothing but products and attention reads, perhaps turned or in parts.
  private final Set<Node> factors;

  /// The same in the new graph.
  private final Set<Node> newFactors = new HashSet<>();

  private HalfFactors(Graph graph) {
    factors = factors(graph);
  }

  private static Set<Node> factors(Graph graph) {
    Map<Node, Boolean> found = new HashMap<>();
    graph.roots().forEach(root -> found.put(root, false));
    for (Node node : graph.nodes().reversed()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        boolean factor =
            switch (node.op()) {
              case Contract _ -> i < 2;
              case Attention.Attend _ -> true;
              case Attention.AttendGrad _ -> i != LOGARITHMS;
              case Attention.Rotary _ -> i == 0 && found.getOrDefault(node, false);
              default -> node.op() instanceof Move && found.getOrDefault(node, false);
            };
        found.merge(node.input(i), factor, Boolean::logicalAnd);
      }
    }
    Set<Node> factors = new HashSet<>();
    found.forEach((node, factor) -> {
      if (factor) {
        factors.add(node);
      }
    });
    return factors;
  }

  /// Rewrites a graph.
  ///
  /// @param graph the graph
  /// @return the graph with rounded factors
  public static Graph round(Graph graph) {
    HalfFactors pass = new HalfFactors(graph);
    for (Node node : graph.nodes()) {
      List<Node> inputs = node.inputs().stream().map(pass.made::get).toList();
      Node made = pass.rebuild(node, inputs);
      pass.made.put(node, made);
      if (pass.factors.contains(node)) {
        pass.newFactors.add(made);
      }
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
    return switch (node.op()) {
      case Contract contract when inputs.getFirst().dtype() == DType.F32 ->
          product(contract, inputs);
      case Attention.Attend attend when inputs.getFirst().dtype() == DType.F32 ->
          builder.add(attend, inputs.stream().map(this::half).toList());
      case Attention.AttendGrad gradient when inputs.getFirst().dtype() == DType.F32 ->
          builder.add(gradient, gradientOperands(inputs));
      case Attention.Rotary rotary when factors.contains(node) && node.dtype() == DType.F32 ->
          widen(builder.add(rotary, List.of(half(inputs.get(0)), inputs.get(1), inputs.get(2))));
      case Move.Project project when node.dtype() == DType.F32 -> {
        Node result = builder.add(project, inputs);
        yield result.dtype() == DType.F32 ? result : widen(result);
      }
      default -> builder.add(node.op(), inputs);
    };
  }

  /// All of attention's operands but the logarithms of its denominators.
  private List<Node> gradientOperands(List<Node> inputs) {
    List<Node> operands = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      operands.add(i == LOGARITHMS ? inputs.get(i) : half(inputs.get(i)));
    }
    return operands;
  }

  /// What stands for halves wherever single precision is asked for.
  private Node widen(Node halves) {
    Node single = builder.add(new Elementwise.Cast(DType.F32), halves);
    rounded.put(single, halves);
    return single;
  }

  private Node product(Contract contract, List<Node> inputs) {
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
  private boolean roundsItsParts(Node node) {
    return switch (node.op()) {
      case Move.Reshape _, Move.Transpose _, Move.Broadcast _ -> true;
      case Move.Slice _ -> newFactors.contains(node.input(0));
      case Move.Concat _ ->
          !node.inputs().stream().allMatch(part -> part.op() instanceof Leaf.State);
      default -> false;
    };
  }
}
