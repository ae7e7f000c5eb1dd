package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One walk from a result back to what it was made from.
final class ReverseSweep {
  private final GraphBuilder g;
  private final Set<Node> boundary;

  /// The nodes that get a gradient: on a path from a wanted node to the result, ascending by id.
  private final List<Node> path = new ArrayList<>();

  private final Set<Node> onPath = new HashSet<>();

  /// The sum so far for every result of a node.
  private final Map<Node, List<@Nullable Node>> sums = new HashMap<>();

  private ReverseSweep(GraphBuilder g, Set<Node> boundary) {
    this.g = g;
    this.boundary = boundary;
  }

  /// Runs a sweep.
  ///
  /// @param g the builder
  /// @param result where it starts
  /// @param upstream the result's gradient
  /// @param wrt the wanted nodes
  /// @param boundary nodes whose own operands are not looked at
  /// @return the gradients of those wanted nodes that the result depends on
  static Map<Node, Node> run(
      GraphBuilder g, Node result, Node upstream, Set<Node> wrt, Set<Node> boundary) {
    ReverseSweep sweep = new ReverseSweep(g, boundary);
    sweep.findPath(result, wrt);
    sweep.accumulate(result, 0, upstream);
    Map<Node, Node> gradients = new LinkedHashMap<>();
    for (Node node : sweep.path.reversed()) {
      List<@Nullable Node> upstreams = sweep.sums.remove(node);
      if (upstreams == null) {
        continue;
      }
      Node own = upstreams.getFirst();
      if (wrt.contains(node) && own != null) {
        gradients.put(node, own);
      }
      if (!sweep.isLeaf(node)) {
        sweep.propagate(node, upstreams);
      }
    }
    return gradients;
  }

  private boolean isLeaf(Node node) {
    return node.op() instanceof Leaf || boundary.contains(node);
  }

  private void findPath(Node result, Set<Node> wrt) {
    Set<Node> ancestors = new HashSet<>(Set.of(result));
    Deque<Node> pending = new ArrayDeque<>(ancestors);
    while (!pending.isEmpty()) {
      Node node = pending.removeLast();
      if (!isLeaf(node)) {
        node.inputs().stream().filter(ancestors::add).forEach(pending::add);
      }
    }
    for (Node node : ancestors.stream().sorted(Comparator.comparingInt(Node::id)).toList()) {
      boolean depends = !isLeaf(node) && node.inputs().stream().anyMatch(onPath::contains);
      if (wrt.contains(node) || (depends && carriesGradient(node.valueType()))) {
        path.add(node);
        onPath.add(node);
      }
    }
  }

  private static boolean carriesGradient(ValueType type) {
    return switch (type) {
      case TensorType tensor -> tensor.dtype().isFloat();
      case ValueType.Tuple(List<TensorType> elements) ->
          elements.stream().anyMatch(ReverseSweep::carriesGradient);
    };
  }

  private void propagate(Node node, List<@Nullable Node> upstreams) {
    Node own = upstreams.getFirst();
    if (node.op() instanceof Move.Project(int index) && own != null) {
      accumulate(node.input(0), index, own);
      return;
    }
    List<Boolean> wanted = node.inputs().stream().map(onPath::contains).toList();
    List<@Nullable Node> gradients = Vjp.of(new Pullback(g, node, upstreams, wanted));
    for (int i = 0; i < node.inputs().size(); i++) {
      Node gradient = gradients.get(i);
      if (gradient != null && wanted.get(i)) {
        accumulate(node.input(i), 0, gradient);
      }
    }
  }

  private void accumulate(Node node, int result, Node gradient) {
    if (!onPath.contains(node)) {
      return;
    }
    TensorType type = results(node.valueType()).get(result);
    if (!gradient.type().equals(type)) {
      throw new GraphException(
          "the gradient of "
              + node
              + " = "
              + node.op()
              + " is "
              + gradient.type()
              + ", not "
              + type);
    }
    List<@Nullable Node> sum =
        sums.computeIfAbsent(
            node,
            _ -> {
              List<@Nullable Node> none = new ArrayList<>();
              results(node.valueType()).forEach(_ -> none.add(null));
              return none;
            });
    Node before = sum.get(result);
    sum.set(result, before == null ? gradient : g.add(before, gradient));
  }

  private static List<TensorType> results(ValueType type) {
    return switch (type) {
      case TensorType tensor -> List.of(tensor);
      case ValueType.Tuple(List<TensorType> elements) -> elements;
    };
  }
}
