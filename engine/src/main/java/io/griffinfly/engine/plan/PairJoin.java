package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A product whose halves of columns an elementwise kernel reads.
///
/// @param first the slice of the left half
/// @param second the slice of the right half
/// @param owner the node whose kernel reads both
/// @param keepsProduct whether others read the product
record PairJoin(Node first, Node second, Node owner, boolean keepsProduct) {
  /// Finds the kernel that reads both halves of a product.
  static Optional<PairJoin> of(Node product, Contract contract, Fusion fusion) {
    boolean plain =
        switch (contract) {
          case Contract.MatMul _ -> true;
          case Contract.FusedMatMul(_, _, ScalarExpr epilogue) ->
              epilogue.equals(new ScalarExpr.Arg(0));
        };
    List<Node> users = fusion.users(product);
    boolean halves =
        product.shape().rank() == 2
            && product.shape().dim(1) % 2 == 0
            && users.size() == 2
            && !fusion.isRoot(product);
    return plain && halves ? of(users, product.shape().dim(1) / 2, fusion) : Optional.empty();
  }

  private static Optional<PairJoin> of(List<Node> users, int half, Fusion fusion) {
    Optional<Node> first = slice(users, 0, half);
    Optional<Node> second = slice(users, half, half);
    if (first.isEmpty() || second.isEmpty()) {
      return Optional.empty();
    }
    Node left = first.get();
    Node right = second.get();
    List<Node> owners =
        Stream.of(left, right)
            .flatMap(slice -> fusion.users(slice).stream())
            .map(fusion::owner)
            .distinct()
            .toList();
    boolean keeps = owners.size() > 1 || fusion.isRoot(left) || fusion.isRoot(right);
    // The first to read both is the one of the forward pass.
    return owners.stream()
        .min(Comparator.comparingInt(Node::id))
        .filter(owner ->
            owner.op() instanceof Elementwise
                && owner.shape().equals(left.shape())
                && fusion.alsoStored(owner).isEmpty()
                && Expressions.leaves(fusion, owner).containsAll(List.of(left, right)))
        .map(owner -> new PairJoin(left, right, owner, keeps));
  }

  private static Optional<Node> slice(List<Node> users, int from, int count) {
    return users.stream()
        .filter(user ->
            user.op() instanceof Move.Slice(int axis, int start, int size)
                && axis == 1
                && start == from
                && size == count)
        .findFirst();
  }
}
