package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class AttentionVjp {
  private AttentionVjp() {}

  static List<@Nullable Node> of(Pullback p, Attention op) {
    return switch (op) {
      case Attention.Rotary(boolean inverse) ->
          p.gradients(
              () -> p.g().add(new Attention.Rotary(!inverse), p.upstream(), p.input(1), p.input(2)),
              () -> p.sumTo(cos(p), p.shape(1)),
              () -> p.sumTo(inverse ? p.g().map(ScalarFn.NEG, sin(p)) : sin(p), p.shape(2)));
      case Attention.Attend(double scale, Attention.Mask mask) -> attend(p, scale, mask);
      case Attention.AttendGrad _ -> throw Vjp.secondDerivative(op);
    };
  }

  /// With result halves (a·c − b·s, b·c + a·s) the gradient of c is dy₁·a + dy₂·b.
  private static Node cos(Pullback p) {
    GraphBuilder g = p.g();
    Node x = p.input(0);
    Node dy = p.upstream();
    return g.add(g.mul(half(p, dy, 0), half(p, x, 0)), g.mul(half(p, dy, 1), half(p, x, 1)));
  }

  /// The gradient of s is dy₂·a − dy₁·b.
  private static Node sin(Pullback p) {
    GraphBuilder g = p.g();
    Node x = p.input(0);
    Node dy = p.upstream();
    return g.sub(g.mul(half(p, dy, 1), half(p, x, 0)), g.mul(half(p, dy, 0), half(p, x, 1)));
  }

  private static Node half(Pullback p, Node x, int which) {
    int size = x.shape().dim(-1) / 2;
    return p.g().slice(x, -1, which * size, size);
  }

  private static List<@Nullable Node> attend(Pullback p, double scale, Attention.Mask mask) {
    if (p.upstreams().get(1) != null) {
      throw new GraphException(
          p.node()
              + " = "
              + p.node().op()
              + ": the log-denominators have no gradient of their own;"
              + " build the attention from primitives where the loss uses them");
    }
    GraphBuilder g = p.g();
    Node all =
        g.add(
            new Attention.AttendGrad(scale, mask),
            p.input(0),
            p.input(1),
            p.input(2),
            g.project(p.node(), 0),
            g.project(p.node(), 1),
            p.upstream());
    return p.gradients(
        () -> gradient(p, all, 0), () -> gradient(p, all, 1), () -> gradient(p, all, 2));
  }

  private static Node gradient(Pullback p, Node all, int operand) {
    return p.g().cast(p.g().project(all, operand), p.input(operand).dtype());
  }
}
