package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds assigned values whose kernels may write straight over the state. Such kernels stand behind
/// all others, and none of them reads what another has overwritten, so their order does not matter.
final class InPlace {
  private InPlace() {}

  /// The states of a graph that are overwritten in place, by the values that they become.
  static Map<Node, Node> find(Graph graph, Fusion fusion, WeightOnly weightOnly) {
    List<Node> roots = new ArrayList<>(graph.outputs().values());
    graph.assigns().stream().map(Assign::value).forEach(roots::add);
    if (graph.loss() != null) {
      roots.add(graph.loss());
    }
    Map<Node, Node> states = new HashMap<>();
    for (Assign assign : graph.assigns()) {
      boolean once = roots.stream().filter(assign.value()::equals).count() == 1;
      if (once
          && fusion.users(assign.value()).isEmpty()
          && !weightOnly.contains(assign.value())
          && mayOverwrite(assign)) {
        states.put(assign.value(), assign.state());
      }
    }
    Set<Node> readByOthers = new HashSet<>();
    states.forEach((value, state) ->
        statesRead(value).stream().filter(read -> read != state).forEach(readByOthers::add));
    states.values().removeIf(readByOthers::contains);
    return states;
  }

  /// Whether the kernel of an assigned value may write over the state while it reads it: when it
  /// reads the state only at the position it writes.
  private static boolean mayOverwrite(Assign assign) {
    Node value = assign.value();
    return switch (value.op()) {
      case Elementwise _ -> true;
      case Contract _ -> !value.inputs().subList(0, 2).contains(assign.state());
      default -> false;
    };
  }

  /// States whose old values the kernel of a value may read.
  private static Set<Node> statesRead(Node value) {
    Set<Node> states = new HashSet<>();
    Set<Node> seen = new HashSet<>(List.of(value));
    Deque<Node> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      Node reader = open.pop();
      for (Node input : reader.inputs()) {
        if (input.op() instanceof Leaf.State) {
          states.add(input);
        } else if (mayCompute(reader, input) && seen.add(input)) {
          open.add(input);
        }
      }
    }
    return states;
  }

  /// Whether the kernel that computes a node could compute its operand, too, or read through it.
  private static boolean mayCompute(Node reader, Node operand) {
    return switch (operand.op()) {
      case Move _ -> true;
      case Elementwise.Cast _ when isOfRows(reader) -> true;
      case Elementwise _, Contract _ -> reader.op() instanceof Elementwise;
      case Norm.RmsNorm _ -> isOfRows(reader) || reader.op() instanceof Elementwise.Cast;
      default -> false;
    };
  }

  /// Whether a node is a product that can take the norm of its rows along.
  private static boolean isOfRows(Node node) {
    return node.op() instanceof Contract contract && !contract.transposeLeft();
  }
}
