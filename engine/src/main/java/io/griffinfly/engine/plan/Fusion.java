package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/// Decides which elementwise operations are computed inside the kernel of a later one. An operation
/// joins its users when all of them are in one kernel of the same extents, so that nothing is
/// computed twice and nothing of it has to be stored.
final class Fusion {
  /// Largest expression of one kernel, in operations of the tree: about what 16 vector registers
  /// hold without spilling, and a bound on the tree that shared operations unfold to.
  static final int MAX_OPERATIONS = 48;

  private final Map<Node, List<Node>> users = new HashMap<>();
  private final Map<Node, Node> owners = new HashMap<>();
  private final Set<Node> roots;
  private final WeightOnly weightOnly;

  Fusion(Graph graph, WeightOnly weightOnly) {
    this.weightOnly = weightOnly;
    roots = new HashSet<>(graph.roots());
    for (Node node : graph.nodes()) {
      for (Node input : node.inputs()) {
        users.computeIfAbsent(input, _ -> new ArrayList<>()).add(node);
      }
    }
    Set<Node> full = full(graph, Set.of());
    join(graph, full);
    // What is stored anyway is no part of its users' expressions: counted again without it, fewer
    // are full.
    Set<Node> stored = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Elementwise && owner(node) == node && !full.contains(node)) {
        stored.add(node);
      }
    }
    Set<Node> separate = full(graph, stored);
    separate.addAll(stored);
    owners.clear();
    join(graph, separate);
  }

  private void join(Graph graph, Set<Node> separate) {
    for (Node node : graph.nodes().reversed()) {
      if (node.op() instanceof Elementwise && !separate.contains(node)) {
        Node owner = commonOwner(node);
        if (owner != node && domain(owner).equals(node.shape())) {
          owners.put(node, owner);
        }
      }
    }
  }

  /// Elementwise nodes whose expression would pass the limit if their operands' joined them.
  ///
  /// @param graph the graph
  /// @param stored nodes that join nothing
  private static Set<Node> full(Graph graph, Set<Node> stored) {
    Map<Node, Integer> operations = new HashMap<>();
    Set<Node> full = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Elementwise) {
        int sum = 1;
        for (Node input : node.inputs()) {
          sum += operations.getOrDefault(input, 0);
        }
        if (sum > MAX_OPERATIONS / 2) {
          full.add(node);
          sum = 0;
        }
        operations.put(node, stored.contains(node) ? 0 : sum);
      }
    }
    return full;
  }

  private Node commonOwner(Node node) {
    if (roots.contains(node)) {
      return node;
    }
    Node common = node;
    for (Node user : users(node)) {
      if (!(user.op() instanceof Elementwise || user.op() instanceof Reduce.Fold)) {
        return node;
      }
      Node owner = owner(user);
      if (common != node && common != owner) {
        return node;
      }
      common = owner;
    }
    return common;
  }

  /// The node whose value the kernel of another stores: the other itself, unless all that becomes
  /// of it is that it is rounded to halves.
  Node stored(Node node) {
    List<Node> users = users(node);
    boolean only = users.size() == 1 && !roots.contains(node);
    return only && isKernelOfHalves(users.getFirst()) ? users.getFirst() : node;
  }

  /// Whether a node is stored by the kernel of what it rounds, alone ([#stored]) or beside that
  /// itself ([#alsoStored]).
  boolean isStoredByOperand(Node node) {
    if (!isKernelOfHalves(node)) {
      return false;
    }
    Node operand = rounded(node);
    return switch (operand.op()) {
      case Leaf _, Reduce _ -> false;
      case Elementwise _ -> alsoStored(operand).contains(node);
      case Move _ -> operand.op() instanceof Move.Project && stored(operand) == node;
      default -> stored(operand) == node;
    };
  }

  /// Halves that the kernel of an elementwise operation stores beside what it computes.
  List<Node> alsoStored(Node node) {
    return owner(node) == node
        ? users(node).stream()
            .map(this::owner)
            .distinct()
            .filter(user -> isKernelOfHalves(user) && rounded(user) == node)
            .toList()
        : List.of();
  }

  /// What a rounding to halves rounds: its operand; or, where that has joined it, the value of its
  /// extents that it is computed from together with scalars that are there before.
  Node rounded(Node half) {
    if (owner(half.input(0)) != half) {
      return half.input(0);
    }
    List<Node> values =
        leaves(half).stream().filter(leaf -> leaf.shape().equals(half.shape())).toList();
    boolean plain =
        values.size() == 1
            && weightOnly.contains(values.getFirst()) == weightOnly.contains(half)
            && scalars(half, values.getFirst()).stream()
                .allMatch(leaf -> leaf.shape().size() == 1 && leaf.id() < values.getFirst().id());
    return plain ? values.getFirst() : half;
  }

  private List<Node> leaves(Node owner) {
    return Expressions.leaves(this, owner).stream()
        .filter(leaf -> splat(leaf).isEmpty())
        .distinct()
        .toList();
  }

  /// What a rounding to halves is computed from besides the value that it rounds.
  List<Node> scalars(Node half, Node value) {
    return leaves(half).stream().filter(leaf -> leaf != value).toList();
  }

  /// Whether a node rounds to halves and has not joined a user of its own, as one that is rounded
  /// back has.
  private boolean isKernelOfHalves(Node node) {
    return node.op() instanceof Elementwise.Cast(DType to) && to.isHalf() && owner(node) == node;
  }

  /// The extents that the kernel of an owner runs over.
  static Shape domain(Node owner) {
    return owner.op() instanceof Reduce ? owner.input(0).shape() : owner.shape();
  }

  /// The node whose kernel computes another: itself unless it joined its users.
  Node owner(Node node) {
    return owners.getOrDefault(node, node);
  }

  /// Who reads a node.
  List<Node> users(Node node) {
    return users.getOrDefault(node, List.of());
  }

  /// Whether a node is a result of the graph.
  boolean isRoot(Node node) {
    return roots.contains(node);
  }

  /// The value of a node all of whose elements are one constant.
  static OptionalDouble splat(Node node) {
    return switch (node.op()) {
      case Leaf.Constant(var literal) when literal.isSplat() -> OptionalDouble.of(literal.get(0));
      case Move.Broadcast _, Move.Reshape _ -> splat(node.input(0));
      default -> OptionalDouble.empty();
    };
  }
}
