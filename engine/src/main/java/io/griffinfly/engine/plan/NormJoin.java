package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// A product and the norm, or gradient of one, that a single kernel could compute: the norm is the
/// first to read the product, and whatever else it reads is there before the product is.
///
/// @param norm the norm
/// @param operands what it reads besides the product, in the order of
///   [io.griffinfly.engine.kernel.KernelSpec.Normed]
/// @param results what takes the results, without the product
/// @param keepsProduct whether others read the product
/// @param accumulates whether the last operand is added to the gradient
/// @param also what the last result is of the gradient, its operand 0, where that is stored twice;
///   its operand `i` is the `i`-th of the last operands
/// @param joined nodes whose values the kernel computes, but for the product
record NormJoin(
    Node norm,
    List<Node> operands,
    List<Node> results,
    boolean keepsProduct,
    boolean accumulates,
    ScalarExpr also,
    List<Node> joined) {
  private static final ScalarExpr GRADIENT = new ScalarExpr.Arg(0);

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
        norm,
        List.of(norm.input(1)),
        List.of(stored),
        keeps,
        false,
        GRADIENT,
        List.of(norm, stored));
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
    ScalarExpr expression = GRADIENT;
    Optional<Node> sum = sum(dx.get(), fusion);
    if (sum.isPresent()) {
      result = sum.get();
      operands.add(result.input(0) == dx.get() ? result.input(1) : result.input(0));
      also = fusion.alsoStored(result);
      if (also.size() == 1) {
        List<Node> scalars = fusion.scalars(also.getFirst(), result);
        operands.addAll(scalars);
        expression = expression(also.getFirst(), result, scalars);
      }
    }
    joined.add(result);
    joined.addAll(also);
    List<Node> results = new ArrayList<>(List.of(result, dweight.get()));
    results.addAll(also);
    boolean fits = also.size() <= 1;
    return fits
        ? Optional.of(
            new NormJoin(norm, operands, results, false, sum.isPresent(), expression, joined))
        : Optional.empty();
  }

  /// The expression of a node over a value, operand 0, and scalars.
  private static ScalarExpr expression(Node node, Node value, List<Node> scalars) {
    OptionalDouble splat = Fusion.splat(node);
    if (node == value || scalars.contains(node) || splat.isPresent()) {
      return splat.isPresent()
          ? new ScalarExpr.Scalar(splat.getAsDouble())
          : new ScalarExpr.Arg(1 + scalars.indexOf(node));
    }
    List<ScalarExpr> inputs =
        node.inputs().stream().map(input -> expression(input, value, scalars)).toList();
    return switch (node.op()) {
      case Elementwise.Map(ScalarFn fn) -> new ScalarExpr.Apply(fn, inputs);
      case Elementwise.Cast(DType to) -> new ScalarExpr.Convert(to, inputs.getFirst());
      default -> throw new IllegalStateException(node.op() + " joins no other operation");
    };
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
