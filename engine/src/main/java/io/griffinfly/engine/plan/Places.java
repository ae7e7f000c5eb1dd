package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.Layout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Where every value is, and where the next one should go so that nothing has to be moved later.
final class Places {
  private final Fusion fusion;
  private final WeightOnly weightOnly;
  private final Memory memory;
  private final Map<Node, List<View>> views = new HashMap<>();
  private final Map<Node, Node> assignedState;

  Places(Graph graph, Fusion fusion, WeightOnly weightOnly, Memory memory) {
    this.fusion = fusion;
    this.weightOnly = weightOnly;
    this.memory = memory;
    assignedState = InPlace.find(graph, fusion, weightOnly);
  }

  void put(Node node, View view) {
    views.put(node, List.of(view));
  }

  void put(Node node, List<View> results) {
    views.put(node, results);
  }

  /// Takes places back from nodes that no kernel has been given for after all.
  void forget(List<Node> nodes) {
    nodes.forEach(views::remove);
  }

  /// Whether a value has a place already.
  boolean has(Node node) {
    return views.containsKey(node) || Fusion.splat(node).isPresent();
  }

  /// The places of an operation's results.
  List<View> results(Node node) {
    List<View> results = views.get(node);
    if (results == null) {
      throw new IllegalStateException(node + " = " + node.op() + " has no place yet");
    }
    return results;
  }

  /// The place of a value; a constant with equal elements gets one the first time it is asked for.
  View view(Node node) {
    var splat = Fusion.splat(node);
    if (splat.isPresent() && !views.containsKey(node)) {
      TensorType scalar = TensorType.of(node.dtype());
      View element =
          memory.constant(
              "constant " + splat.getAsDouble(),
              Literal.splat(scalar, splat.getAsDouble()).toTensor());
      put(
          node,
          new View(element.buffer(), node.type(), Layout.of(0, new long[node.shape().rank()])));
    }
    return results(node).getFirst();
  }

  /// A buffer of its own for a value of a node.
  View temporary(Node node, TensorType type, Layout layout) {
    Buffer.Kind kind = weightOnly.contains(node) ? Buffer.Kind.DERIVED : Buffer.Kind.TEMPORARY;
    return memory.allocate(kind, node + " " + node.op().getClass().getSimpleName(), type, layout);
  }

  /// The place of a join, made when its first operand is.
  View concat(Node node) {
    if (!views.containsKey(node)) {
      put(node, destination(node, List.of(), List.of()));
    }
    return view(node);
  }

  /// Where a node's only result should go.
  ///
  /// @param node the node
  /// @param reads what its kernel reads; a state among it is overwritten only element by element
  /// @param like operands whose order in memory the result should take
  View destination(Node node, List<View> reads, List<View> like) {
    View given = givenBy(node);
    if (given != null
        && reads.stream().allMatch(read -> read.equals(given) || !read.overlaps(given))) {
      return given;
    }
    return temporary(node, node.type(), layout(node, like));
  }

  /// Where the results of an operation should go, each by the node that projects it.
  List<View> destinations(Node node, List<TensorType> types, List<View> operands) {
    if (node.valueType() instanceof TensorType) {
      boolean follows = node.op() instanceof Attention.Rotary;
      return List.of(destination(fusion.stored(node), operands, follows ? operands : List.of()));
    }
    List<View> results = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      Node projection = projection(node, i);
      results.add(
          projection == null
              ? temporary(node, types.get(i), Layout.dense(types.get(i).shape()))
              : destination(fusion.stored(projection), operands, List.of()));
    }
    return results;
  }

  private @Nullable Node projection(Node node, int index) {
    Node found = null;
    for (Node user : fusion.users(node)) {
      if (user.op() instanceof Move.Project(int i) && i == index) {
        if (found != null) {
          return null;
        }
        found = user;
      }
    }
    return found;
  }

  /// The place that a later operation has for a node's value: a part of a join, or a state that it
  /// becomes.
  private @Nullable View givenBy(Node node) {
    Node state = assignedState.get(node);
    if (state != null) {
      return view(state);
    }
    if (fusion.isRoot(node) || node.op() instanceof Leaf) {
      return null;
    }
    for (Node user : fusion.users(node)) {
      View target = weightOnly.contains(user) == weightOnly.contains(node) ? in(user, node) : null;
      if (target != null) {
        return target;
      }
    }
    return null;
  }

  /// The place that one user has for a node's value. Other users read it there.
  private @Nullable View in(Node user, Node node) {
    return switch (user.op()) {
      case Move.Concat(int axis) -> partOf(user, axis, node);
      case Move.Transpose(var permutation) -> {
        View target = givenBy(user);
        yield target == null
            ? null
            : new View(
                target.buffer(),
                node.type(),
                Moves.transpose(target.layout(), inverse(permutation)));
      }
      case Move.Reshape _ -> {
        View target = givenBy(user);
        Layout layout =
            target == null ? null : Moves.reshape(target.layout(), user.shape(), node.shape());
        yield target == null || layout == null
            ? null
            : new View(target.buffer(), node.type(), layout);
      }
      default -> null;
    };
  }

  private View partOf(Node concat, int axis, Node input) {
    View whole = concat(concat);
    int start = 0;
    for (Node other : concat.inputs()) {
      if (other == input) {
        break;
      }
      start += other.shape().dim(axis);
    }
    return new View(whole.buffer(), input.type(), Moves.slice(whole.layout(), axis, start));
  }

  private static List<Integer> inverse(List<Integer> permutation) {
    return IntStream.range(0, permutation.size()).map(permutation::indexOf).boxed().toList();
  }

  /// A gapless layout for a new buffer: in the order that the first transposition of the value
  /// wants, because what follows it can then be a view, else in the order of the first operand of
  /// equal extents, else row-major.
  private Layout layout(Node node, List<View> operands) {
    Shape shape = node.shape();
    for (Node user : fusion.users(node)) {
      if (user.op() instanceof Move.Transpose(var permutation)) {
        return Moves.denseInOrder(permutation, shape);
      }
    }
    for (View operand : operands) {
      if (operand.type().shape().equals(shape)) {
        return Moves.denseInOrderOf(operand.layout(), shape);
      }
    }
    return Layout.dense(shape);
  }
}
