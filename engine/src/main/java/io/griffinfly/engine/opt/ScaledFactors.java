package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Which values of a graph are rounded because products or attention read them, and which of these
/// have one scale: those that lie side by side in one factor, since the sum over them is divided by
/// one number.
///
/// A factor of values of which one is computed from another, as the gradients on both sides of a
/// layer are, says nothing about how large they are beside each other: what is negligible in that
/// sum may be all there is elsewhere. It has roundings of its own.
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

  /// Factors that have roundings of their own.
  private final Set<Node> apart = new LinkedHashSet<>();

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
    factors.number(undivided, attended);
    return factors;
  }

  /// What is rounded with one scale.
  ///
  /// @param slot the values
  /// @param readers the nodes that stand for them: they themselves or a factor of its own
  private record Group(Slot slot, List<Node> readers) {}

  private void number(Set<Node> undivided, Set<Node> attended) {
    Map<Node, List<Node>> together = new LinkedHashMap<>();
    for (Node node : leaders.keySet()) {
      together.computeIfAbsent(leader(node), _ -> new ArrayList<>()).add(node);
    }
    List<Group> groups = new ArrayList<>();
    for (List<Node> parts : together.values()) {
      slotOf(parts, undivided, attended).ifPresent(slot -> groups.add(new Group(slot, parts)));
    }
    for (Node factor : apart) {
      slotOf(parts(factor), undivided, attended)
          .ifPresent(slot -> groups.add(new Group(slot, List.of(factor))));
    }
    groups.sort(Comparator.comparingInt(group -> group.slot.rows()));
    for (Group group : groups) {
      group.readers.forEach(reader -> numbers.put(reader, slots.size()));
      slots.add(group.slot);
    }
  }

  private Optional<Slot> slotOf(List<Node> parts, Set<Node> undivided, Set<Node> attended) {
    boolean needed =
        parts.stream().anyMatch(scaled::contains) && parts.stream().noneMatch(undivided::contains);
    double reserve = parts.stream().anyMatch(attended::contains) ? RESERVE_OF_ATTENTION : 1;
    return needed ? Optional.of(new Slot(parts, reserve)) : Optional.empty();
  }

  private static Set<Node> onlyFactors(Graph graph) {
    Map<Node, Boolean> found = new HashMap<>();
    graph.roots().forEach(root -> found.put(root, false));
    for (Node node : graph.nodes().reversed()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        boolean arranges =
            node.op() instanceof Move || (node.op() instanceof Attention.Rotary && i == 0);
        boolean passes = arranges && found.getOrDefault(node, false);
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
    return Optional.ofNullable(
        numbers.get(apart.contains(factor) ? factor : parts(factor).getFirst()));
  }

  /// Whether a factor has roundings of its own.
  boolean isApart(Node factor) {
    return apart.contains(factor);
  }

  /// Gives all parts of a factor one leader, unless one of them is computed from another.
  private void join(Node factor) {
    List<Node> parts = parts(factor);
    if (parts.stream().anyMatch(scaled::contains) && dependsOnItself(parts)) {
      apart.add(factor);
      return;
    }
    Node first = parts.getFirst();
    for (Node part : parts) {
      leaders.putIfAbsent(part, part);
      leaders.put(leader(part), leader(first));
    }
  }

  private boolean dependsOnItself(List<Node> parts) {
    int first = parts.stream().mapToInt(part -> depths.getOrDefault(part, 0)).min().orElse(0);
    Set<Node> seen = new HashSet<>();
    Deque<Node> pending = new ArrayDeque<>();
    parts.forEach(part -> pending.addAll(part.inputs()));
    while (!pending.isEmpty()) {
      Node node = pending.removeLast();
      if (depths.getOrDefault(node, 0) >= first && seen.add(node)) {
        pending.addAll(node.inputs());
      }
    }
    return parts.stream().anyMatch(seen::contains);
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
