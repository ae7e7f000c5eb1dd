package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Which values of a graph are rounded because products read them, and which of these have one
/// scale: those that lie side by side in one factor, since the sum over them is divided by one
/// number.
final class ScaledFactors {
  /// Values with one scale.
  ///
  /// @param parts the values
  record Slot(List<Node> parts) {
    Slot {
      parts = List.copyOf(parts);
    }

    /// How many maxima its parts are first folded to.
    int rows() {
      return parts.stream().mapToInt(part -> DelayedScales.rows(part.shape())).sum();
    }
  }

  private final Map<Node, Node> leaders = new LinkedHashMap<>();
  private final Map<Node, Integer> numbers = new HashMap<>();

  /// The length of the longest chain of operations that ends in a node.
  private final Map<Node, Integer> depths = new HashMap<>();

  private final List<Slot> slots = new ArrayList<>();

  private ScaledFactors() {}

  /// Finds the values.
  ///
  /// @param graph the graph
  /// @param scaled the values that need a scale; what shares one with them gets it too
  static ScaledFactors of(Graph graph, Set<Node> scaled) {
    ScaledFactors factors = new ScaledFactors();
    for (Node node : graph.nodes()) {
      int before =
          node.inputs().stream()
              .mapToInt(input -> factors.depths.getOrDefault(input, 0))
              .max()
              .orElse(0);
      factors.depths.put(node, before + 1);
      if (isRounded(node)) {
        factors.join(node.input(0));
        factors.join(node.input(1));
      }
    }
    Map<Node, List<Node>> groups = new LinkedHashMap<>();
    for (Node node : factors.leaders.keySet()) {
      groups.computeIfAbsent(factors.leader(node), _ -> new ArrayList<>()).add(node);
    }
    groups.values().stream()
        .filter(parts -> parts.stream().anyMatch(scaled::contains))
        .map(Slot::new)
        .sorted(Comparator.comparingInt(Slot::rows))
        .forEach(factors::add);
    return factors;
  }

  /// Whether a node is a product whose factors are rounded.
  static boolean isRounded(Node node) {
    return node.op() instanceof Contract && node.input(0).dtype() == DType.F32;
  }

  /// The values that a factor arranges, those first whose chain of operations is shortest.
  List<Node> earliestFirst(Node factor) {
    return parts(factor).stream()
        .sorted(Comparator.comparingInt(part -> depths.getOrDefault(part, 0)))
        .toList();
  }

  /// The values that a factor arranges; itself if it is none that only arranges others.
  private static List<Node> parts(Node factor) {
    List<Node> parts = new ArrayList<>();
    collect(factor, parts);
    return parts;
  }

  private static void collect(Node node, List<Node> parts) {
    if (roundsItsParts(node)) {
      node.inputs().forEach(input -> collect(input, parts));
    } else {
      parts.add(node);
    }
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

  /// The scales, those of as many rows one behind the other.
  List<Slot> slots() {
    return slots;
  }

  /// The number of a factor's scale, if it has one.
  Optional<Integer> slot(Node factor) {
    return Optional.ofNullable(numbers.get(parts(factor).getFirst()));
  }

  private void add(Slot slot) {
    slot.parts.forEach(part -> numbers.put(part, slots.size()));
    slots.add(slot);
  }

  /// Gives all parts of a factor one leader.
  private void join(Node factor) {
    List<Node> parts = parts(factor);
    Node first = parts.getFirst();
    for (Node part : parts) {
      leaders.putIfAbsent(part, part);
      leaders.put(leader(part), leader(first));
    }
  }

  private Node leader(Node node) {
    Node leader = node;
    Node next = Objects.requireNonNull(leaders.get(leader));
    while (next != leader) {
      leader = next;
      next = Objects.requireNonNull(leaders.get(leader));
    }
    return leader;
  }
}
