package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Move;
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
/// Attention is two products with a softmax between them: its operands are halves, and so is its
/// result, which is a factor of a further product. What only turns factors ([Attention.Rotary])
/// takes and yields halves.
///
/// A rounding stands right behind the operation that makes the value, before views of it, so that
/// all products of the value share it and its kernel can store halves at once.
///
/// Values that are too small for halves are multiplied by a power of two of their own when they are
/// rounded, and what is made of them is divided by it: [DelayedScales]. Products divide in their
/// epilogue. The gradient of attention is linear in that of its result: what it yields, and what is
/// moved or turned of that, stays multiplied until somebody computes with it.
public final class HalfFactors {
  private final GraphBuilder builder = new GraphBuilder();
  private final Map<Node, Node> made = new HashMap<>();
  private final Map<Node, Node> rounded = new HashMap<>();

  /// The scales that values of the new graph are still multiplied by.
  private final Map<Node, Integer> multiplied = new HashMap<>();

  private final Map<Node, Node> divided = new HashMap<>();
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
            .map(slot -> slot.parts().stream().map(pass::once).toList())
            .toList());
    Node loss = graph.loss();
    return loss == null ? pass.builder.build() : pass.builder.build(pass.get(loss));
  }

  private Node raw(Node node) {
    return Objects.requireNonNull(made.get(node));
  }

  /// A value of the new graph.
  private Node get(Node node) {
    return divided.computeIfAbsent(node, this::once);
  }

  /// The same for one reader, whose kernel can then divide.
  private Node once(Node node) {
    Integer slot = multiplied.get(node);
    return slot == null ? raw(node) : builder.mul(raw(node), scales.inverse(slot));
  }

  private Node rebuild(Node node) {
    return switch (node.op()) {
      case Contract contract when ScaledFactors.isRounded(node) -> product(node, contract);
      case Attention.Attend attend when ScaledFactors.isRounded(node) ->
          builder.add(attend, node.inputs().stream().map(this::half).toList());
      case Attention.AttendGrad gradient when ScaledFactors.isRounded(node) -> {
        factors
            .slot(node.input(ScaledFactors.UPSTREAM))
            .ifPresent(slot -> multiplied.put(node, slot));
        yield builder.add(gradient, halves(node));
      }
      case Attention.Rotary _, Move _ when isStillMultiplied(node) -> {
        multiplied.put(node, Objects.requireNonNull(multiplied.get(node.input(0))));
        List<Node> inputs = new ArrayList<>(node.inputs().stream().skip(1).map(this::get).toList());
        inputs.addFirst(raw(node.input(0)));
        yield builder.add(node.op(), inputs);
      }
      case Move.Project project when node.dtype() == DType.F32 -> {
        Node result = builder.add(project, raw(node.input(0)));
        yield result.dtype() == DType.F32 ? result : widen(node, result);
      }
      default -> builder.add(node.op(), node.inputs().stream().map(this::get).toList());
    };
  }

  /// Whether a node moves or turns a value that is multiplied, and no others beside it.
  private boolean isStillMultiplied(Node node) {
    return multiplied.containsKey(node.input(0)) && !(node.op() instanceof Move.Concat);
  }

  /// All operands of attention's gradient but the logarithms of its denominators.
  private List<Node> halves(Node gradient) {
    List<Node> operands = new ArrayList<>();
    for (int i = 0; i < gradient.inputs().size(); i++) {
      Node input = gradient.input(i);
      operands.add(i == ScaledFactors.LOGARITHMS ? get(input) : half(input));
    }
    return operands;
  }

  /// What stands for halves wherever single precision is asked for.
  private Node widen(Node node, Node halves) {
    rounded.put(node, halves);
    return builder.add(new Elementwise.Cast(DType.F32), halves);
  }

  private Node product(Node node, Contract contract) {
    List<Node> operands = new ArrayList<>(List.of(half(node.input(0)), half(node.input(1))));
    node.inputs().stream().skip(2).map(this::get).forEach(operands::add);
    ScalarExpr sum = new ScalarExpr.Arg(0);
    for (Node factor : node.inputs().subList(0, 2)) {
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
  private Node half(Node factor) {
    Map<Node, Node> known = factors.isApart(factor) ? new HashMap<>() : rounded;
    for (Node part : factors.earliestFirst(factor)) {
      if (!known.containsKey(part)) {
        Node value = once(part);
        Optional<Integer> slot = factors.slot(factors.isApart(factor) ? factor : part);
        Node inside = slot.map(number -> scales.apply(number, value)).orElse(value);
        known.put(part, builder.add(new Elementwise.Cast(DType.F16), inside));
      }
    }
    return arranged(factor, known);
  }

  private Node arranged(Node node, Map<Node, Node> known) {
    Node there = known.get(node);
    if (there == null) {
      List<Node> inputs = new ArrayList<>();
      for (Node input : node.inputs()) {
        inputs.add(factors.isArranged(node, input) ? arranged(input, known) : get(input));
      }
      there = builder.add(node.op(), inputs);
      known.put(node, there);
    }
    return there;
  }
}
