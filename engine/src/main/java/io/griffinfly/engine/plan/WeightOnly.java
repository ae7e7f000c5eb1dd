package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import java.util.HashSet;
import java.util.Set;

/// The nodes whose value can only change when somebody changes a state from outside: functions of
/// constants and of states that the graph itself does not assign. They are computed once, not in
/// every run.
final class WeightOnly {
  private final Set<Node> nodes = new HashSet<>();
  private final Set<Node> assigned = new HashSet<>();

  WeightOnly(Graph graph) {
    graph.assigns().stream().map(Assign::state).forEach(assigned::add);
    for (Node node : graph.nodes()) {
      boolean weightOnly =
          switch (node.op()) {
            case Leaf.Input _ -> false;
            case Leaf.State _ -> !assigned.contains(node);
            case Leaf.Constant _, Leaf.Iota _ -> true;
            default -> nodes.containsAll(node.inputs());
          };
      if (weightOnly) {
        nodes.add(node);
      }
    }
  }

  boolean contains(Node node) {
    return nodes.contains(node);
  }

  boolean isAssigned(Node state) {
    return assigned.contains(state);
  }
}
