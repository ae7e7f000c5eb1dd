package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.kernel.Layout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A product whose first columns nobody reads but rotary embeddings, so that it can be turned where
/// it lies.
///
/// @param stored the node whose value the kernel of the product stores
/// @param moves views between that and the embeddings, in the order of the graph
/// @param rotaries the embeddings
/// @param turned columns that they turn, from the first on
record RotaryJoin(Node stored, List<Node> moves, List<Node> rotaries, int turned) {
  RotaryJoin {
    moves = List.copyOf(moves);
    rotaries = List.copyOf(rotaries);
  }

  /// What reads some columns of a product: an embedding that turns them, or others.
  ///
  /// @param start the first column
  /// @param size columns
  /// @param moves from the product to the embedding
  /// @param rotary the embedding, null if these columns are not turned
  private record Part(int start, int size, List<Node> moves, @Nullable Node rotary) {
    private int end() {
      return start + size;
    }
  }

  /// Finds the embeddings of a product.
  static Optional<RotaryJoin> of(Node product, Contract contract, Fusion fusion) {
    boolean plain =
        switch (contract) {
          case Contract.MatMul _ -> true;
          case Contract.FusedMatMul(_, _, ScalarExpr epilogue) ->
              epilogue.equals(new ScalarExpr.Arg(0));
        };
    Node stored = fusion.stored(product);
    if (!plain || stored.shape().rank() != 2 || fusion.isRoot(stored)) {
      return Optional.empty();
    }
    List<Part> parts = new ArrayList<>();
    for (Node user : fusion.users(stored)) {
      if (!(user.op() instanceof Move.Slice(int axis, int start, int size)) || axis != 1) {
        return Optional.empty();
      }
      parts.add(part(stored, user, start, size, fusion));
    }
    return together(stored, parts);
  }

  private static Part part(Node stored, Node slice, int start, int size, Fusion fusion) {
    List<Node> moves = new ArrayList<>();
    Node current = slice;
    Layout layout = Moves.slice(Layout.dense(stored.shape()), 1, start);
    while (layout != null && fusion.users(current).size() == 1 && !fusion.isRoot(current)) {
      moves.add(current);
      Node user = fusion.users(current).getFirst();
      if (user.op() instanceof Attention.Rotary) {
        boolean inPlace =
            user.input(0) == current
                && lies(current.shape(), layout, stored.shape())
                && fusion.stored(user) == user
                && user.type().equals(current.type());
        return new Part(start, size, moves, inPlace ? user : null);
      }
      layout = moved(user, layout, current.shape());
      current = user;
    }
    return new Part(start, size, List.of(), null);
  }

  private static @Nullable Layout moved(Node node, Layout layout, Shape from) {
    return switch (node.op()) {
      case Move.Reshape(Shape shape) -> Moves.reshape(layout, from, shape);
      case Move.Transpose(var permutation) -> Moves.transpose(layout, permutation);
      default -> null;
    };
  }

  /// Whether a tensor `[.., heads, positions, headSize]` is rows of a product, one sequence after
  /// another, with its heads side by side.
  private static boolean lies(Shape shape, Layout layout, Shape product) {
    if (shape.rank() < 3) {
      return false;
    }
    long[] expected = new long[shape.rank()];
    expected[shape.rank() - 1] = 1;
    expected[shape.rank() - 2] = product.dim(1);
    expected[shape.rank() - 3] = shape.dim(-1);
    long sequence = (long) shape.dim(-2) * product.dim(1);
    for (int axis = shape.rank() - 4; axis >= 0; axis--) {
      expected[axis] = sequence;
      sequence *= shape.dim(axis);
    }
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.dim(axis) > 1 && layout.stride(axis) != expected[axis]) {
        return false;
      }
    }
    return true;
  }

  private static Optional<RotaryJoin> together(Node stored, List<Part> parts) {
    List<Part> turned =
        parts.stream()
            .filter(part -> part.rotary != null)
            .sorted(Comparator.comparingInt(Part::start))
            .toList();
    int end = 0;
    for (Part part : turned) {
      if (part.start != end) {
        return Optional.empty();
      }
      end = part.end();
    }
    int columns = end;
    List<Node> rotaries =
        turned.stream().map(Part::rotary).sorted(Comparator.comparingInt(Node::id)).toList();
    boolean alone = parts.stream().allMatch(part -> part.rotary != null || part.start >= columns);
    return !rotaries.isEmpty() && alone && areAlike(rotaries)
        ? Optional.of(
            new RotaryJoin(
                stored,
                turned.stream()
                    .flatMap(part -> part.moves.stream())
                    .sorted(Comparator.comparingInt(Node::id))
                    .toList(),
                rotaries,
                columns))
        : Optional.empty();
  }

  /// Whether embeddings turn heads of one size by the same factors.
  private static boolean areAlike(List<Node> rotaries) {
    Node first = rotaries.getFirst();
    Shape shape = first.shape();
    return first.inputs().subList(1, 3).stream().allMatch(factor -> covers(factor.shape(), shape))
        && rotaries.stream()
            .allMatch(rotary ->
                rotary.op().equals(first.op())
                    && rotary.inputs().subList(1, 3).equals(first.inputs().subList(1, 3))
                    && rotary.shape().dim(-1) == shape.dim(-1)
                    && rotary.shape().dim(-2) == shape.dim(-2));
  }

  /// Whether there is one factor for every position and pair.
  private static boolean covers(Shape factor, Shape turned) {
    return factor.rank() >= 2
        && factor.dim(-2) == turned.dim(-2)
        && factor.dim(-1) == turned.dim(-1) / 2
        && factor.size() == (long) factor.dim(-2) * factor.dim(-1);
  }

  /// Cosines and sines.
  List<Node> factors() {
    return rotaries.getFirst().inputs().subList(1, 3);
  }

  int headSize() {
    return rotaries.getFirst().shape().dim(-1);
  }

  boolean inverse() {
    return ((Attention.Rotary) rotaries.getFirst().op()).inverse();
  }
}
