package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Which values of a graph are rounded because products or attention read them, and which of these
/// have one scale: those that lie side by side in one factor, since the sum over them is divided by
/// one number.
final class ScaledFactors {
  /// The operand of attention's gradient that is the logarithms of its denominators.
  static final int LOGARITHMS = 4;

  /// The operand of attention's gradient that it is linear in.
  static final int UPSTREAM = 5;

  /// Values with one scale.
  ///
  /// @param parts the values
  /// @param reserve how many times smaller than elsewhere they are kept, a power of two
  record Slot(List<Node> parts, double reserve) {
    Slot {
      parts = List.copyOf(parts);
    }

    /// How many maxima its parts are first folded to.
    int rows() {
      return parts.stream().mapToInt(part -> DelayedScales.rows(part.shape())).sum();
    }
  }

  /// How much smaller the gradient of attention's result is kept: on matrix units the gradients of
  /// scores are halves too, sums over a head's width, some 64, of its products with values.
  private static final double RESERVE_OF_ATTENTION = 16;

  /// Values that nothing but products and attention reads, perhaps turned or in parts.
  private final Set<Node> onlyFactors;

  private final Set<Node> scaled;
  private final Map<Node, Node> leaders = new LinkedHashMap<>();
  private final Map<Node, Integer> numbers = new HashMap<>();

  /// The length of the longest chain of operations that ends in a node.
  private final Map<Node, Integer> depths = new HashMap<>();

  private final List<Slot> slots = new ArrayList<>();

  private ScaledFactors(Graph graph, Set<Node> scaled) {
    onlyFactors = onlyFactors(graph);
    this.scaled = scaled;
  }

  /// Finds the values.
  ///
  /// @param graph the graph
  /// @param scaled the values that need a scale; what shares one with them gets it too, and what
  ///   attention does not divide by its scale gets none
  static ScaledFactors of(Graph graph, Set<Node> scaled) {
    ScaledFactors factors = new ScaledFactors(graph, scaled);
    Set<Node> undivided = new HashSet<>();
    Set<Node> attended = new HashSet<>();
    for (Node node : graph.nodes()) {
      int before =
          node.inputs().stream()
              .mapToInt(input -> factors.depths.getOrDefault(input, 0))
              .max()
              .orElse(0);
      factors.depths.put(node, before + 1);
      if (isRounded(node)) {
        for (int i = 0; i < node.inputs().size(); i++) {
          if (isFactor(node, i)) {
            factors.join(node.input(i));
            if (!(node.op() instanceof Contract)) {
              (i == UPSTREAM ? attended : undivided).addAll(factors.parts(node.input(i)));
            }
          }
        }
      }
    }
    Map<Node, List<Node>> groups = new LinkedHashMap<>();
    for (Node node : factors.leaders.keySet()) {
      groups.computeIfAbsent(factors.leader(node), _ -> new ArrayList<>()).add(node);
    }
    groups.values().stream()
        .filter(parts -> parts.stream().anyMatch(scaled::contains))
        .filter(parts -> parts.stream().noneMatch(undivided::contains))
        .map(parts ->
            new Slot(parts, parts.stream().anyMatch(attended::contains) ? RESERVE_OF_ATTENTION : 1))
        .sorted(Comparator.comparingInt(Slot::rows))
        .forEach(factors::add);
    return factors;
  }

  private static Set<Node> onlyFactors(Graph graph) {
    Map<Node, Boolean> found = new HashMap<>();
    graph.roots().forEach(root -> found.put(root, false));
    for (Node node : graph.nodes().reversed()) {
      boolean arranges = node.op() instanceof Move || node.op() instanceof Attention.Rotary;
      for (int i = 0; i < node.inputs().size(); i++) {
        boolean passes = arranges && i == 0 && found.getOrDefault(node, false);
        found.merge(node.input(i), isFactor(node, i) || passes, Boolean::logicalAnd);
      }
    }
    found.values().removeIf(factor -> !factor);
    return Set.copyOf(found.keySet());
  }

  /// Whether a node is one whose factors are rounded.
  static boolean isRounded(Node node) {
    return switch (node.op()) {
      case Contract _, Attention.Attend _, Attention.AttendGrad _ ->
          node.input(0).dtype() == DType.F32;
      default -> false;
    };
  }

  private static boolean isFactor(Node node, int input) {
    return switch (node.op()) {
      case Contract _ -> input < 2;
      case Attention.Attend _ -> true;
      case Attention.AttendGrad _ -> input != LOGARITHMS;
      default -> false;
    };
  }

  /// Whether a node only arranges the elements of an input, so that this is rounded in its stead.
  /// Weights side by side are rounded as one. What has a scale is turned before it is rounded: a
  /// part of a turned pair is up to √2 as large, and would have to be clamped again.
  boolean isArranged(Node node, Node input) {
    return switch (node.op()) {
      case Move.Reshape _, Move.Transpose _, Move.Broadcast _ -> true;
      case Move.Slice _ -> onlyFactors.contains(input);
      case Move.Concat _ ->
          !node.inputs().stream().allMatch(part -> part.op() instanceof Leaf.State);
      case Attention.Rotary _ ->
          input == node.input(0) && onlyFactors.contains(node) && !scaled.contains(node);
      default -> false;
    };
  }

  /// The values that a factor arranges, those first whose chain of operations is shortest.
  List<Node> earliestFirst(Node factor) {
    return parts(factor).stream()
        .sorted(Comparator.comparingInt(part -> depths.getOrDefault(part, 0)))
        .toList();
  }

  /// The values that a factor arranges; itself if it is none that only arranges others.
  private List<Node> parts(Node factor) {
    List<Node> parts = new ArrayList<>();
    collect(factor, parts);
    return parts;
  }

  private void collect(Node node, List<Node> parts) {
    List<Node> arranged = node.inputs().stream().filter(input -> isArranged(node, input)).toList();
    if (arranged.isEmpty()) {
      parts.add(node);
    }
    arranged.forEach(input -> collect(input, parts));
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
