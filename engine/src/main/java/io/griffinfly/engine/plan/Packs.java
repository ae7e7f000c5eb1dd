package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Finds the joins of states along their first axis that can be had for nothing, by placing the
/// states next to each other.
final class Packs {
  private Packs() {}

  /// The joins to place, in graph order; no state is in two of them.
  ///
  /// @param graph the graph
  /// @param packable whether the parameter store can place the named states next to each other, in
  ///   this order
  /// @return nodes whose operation is a [Move.Concat] of states
  static List<Node> find(Graph graph, Predicate<List<String>> packable) {
    List<Node> packs = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Move.Concat(int axis) && axis == 0) {
        List<String> names = stateNames(node.inputs());
        if (names.size() == node.inputs().size()
            && new HashSet<>(names).size() == names.size()
            && names.stream().noneMatch(taken::contains)
            && packable.test(names)) {
          packs.add(node);
          taken.addAll(names);
        }
      }
    }
    return packs;
  }

  static List<String> stateNames(List<Node> nodes) {
    List<String> names = new ArrayList<>();
    for (Node node : nodes) {
      if (node.op() instanceof Leaf.State(String name, _, _, _)) {
        names.add(name);
      }
    }
    return names;
  }
}
