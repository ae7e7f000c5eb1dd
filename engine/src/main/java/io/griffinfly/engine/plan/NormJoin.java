package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A product and the norm, or gradient of one, that a single kernel could compute: the norm is the
/// first to read the product, and whatever else it reads is there before the product is.
///
/// @param norm the norm
/// @param operands what it reads besides the product, in the order of
///   [io.griffinfly.engine.kernel.KernelSpec.Normed]
/// @param results what takes the results, without the product
/// @param keepsProduct whether others read the product
/// @param accumulates whether the last operand is added to the gradient
/// @param joined nodes whose values the kernel computes, but for the product
record NormJoin(
    Node norm,
    List<Node> operands,
    List<Node> results,
    boolean keepsProduct,
    boolean accumulates,
    List<Node> joined) {
  NormJoin {
    operands = List.copyOf(operands);
    results = List.copyOf(results);
    joined = List.copyOf(joined);
  }

  /// Finds the norm of a product.
  static Optional<NormJoin> of(Node product, Fusion fusion) {
    if (fusion.stored(product) != product || product.shape().rank() != 2) {
      return Optional.empty();
    }
    List<Node> users = fusion.users(product);
    for (Node user : users) {
      if (user.op() instanceof Norm.RmsNorm && user.input(0) == product) {
        return Optional.of(norm(product, user, fusion));
      }
    }
    boolean only = users.size() == 1 && !fusion.isRoot(product);
    return only
            && users.getFirst().op() instanceof Norm.RmsNormGrad
            && users.getFirst().input(2) == product
        ? gradient(users.getFirst(), fusion)
        : Optional.empty();
  }

  private static NormJoin norm(Node product, Node norm, Fusion fusion) {
    Node stored = fusion.stored(norm);
    boolean keeps = fusion.users(product).size() > 1 || fusion.isRoot(product);
    return new NormJoin(
        norm, List.of(norm.input(1)), List.of(stored), keeps, false, List.of(norm, stored));
  }

  private static Optional<NormJoin> gradient(Node norm, Fusion fusion) {
    Optional<Node> dx = projection(norm, 0, fusion);
    Optional<Node> dweight = projection(norm, 1, fusion);
    if (dx.isEmpty() || dweight.isEmpty()) {
      return Optional.empty();
    }
    List<Node> operands = new ArrayList<>(List.of(norm.input(0), norm.input(1)));
    List<Node> joined = new ArrayList<>(List.of(norm, dx.get(), dweight.get()));
    Node result = fusion.stored(dx.get());
    List<Node> also = List.of();
    Optional<Node> sum = sum(dx.get(), fusion);
    if (sum.isPresent()) {
      result = sum.get();
      operands.add(result.input(0) == dx.get() ? result.input(1) : result.input(0));
      also = fusion.alsoStored(result);
    }
    joined.add(result);
    joined.addAll(also);
    List<Node> results = new ArrayList<>(List.of(result, dweight.get()));
    results.addAll(also);
    boolean fits = also.size() <= 1;
    return fits
        ? Optional.of(new NormJoin(norm, operands, results, false, sum.isPresent(), joined))
        : Optional.empty();
  }

  private static Optional<Node> projection(Node norm, int index, Fusion fusion) {
    List<Node> found =
        fusion.users(norm).stream()
            .filter(user -> user.op() instanceof Move.Project(int i) && i == index)
            .toList();
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

  /// The addition that is all that becomes of a gradient, if it is a kernel of its own.
  private static Optional<Node> sum(Node gradient, Fusion fusion) {
    List<Node> users = fusion.users(gradient);
    if (users.size() != 1 || fusion.isRoot(gradient)) {
      return Optional.empty();
    }
    Node user = users.getFirst();
    boolean plain =
        user.op() instanceof Elementwise.Map(ScalarFn fn)
            && fn == ScalarFn.ADD
            && fusion.owner(user) == user
            && user.inputs().stream()
                .allMatch(input ->
                    input.shape().equals(user.shape())
                        && fusion.owner(input) != user
                        && Fusion.splat(input).isEmpty());
    return plain && user.input(0) != user.input(1) ? Optional.of(user) : Optional.empty();
  }
}
