package io.griffinfly.engine.grad;

import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class ElementwiseVjp {
  private ElementwiseVjp() {}

  static List<@Nullable Node> of(Pullback p, Elementwise op) {
    return switch (op) {
      case Elementwise.Cast _ -> p.gradients(() -> p.g().cast(p.upstream(), p.input(0).dtype()));
      case Elementwise.Map(ScalarFn fn) -> {
        List<@Nullable Node> gradients = map(p, fn);
        List<@Nullable Node> summed = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
          Node gradient = gradients.get(i);
          summed.add(gradient == null ? null : p.sumTo(gradient, p.shape(i)));
        }
        yield summed;
      }
    };
  }

  @SuppressWarnings("CyclomaticComplexity") // one row a function
  private static List<@Nullable Node> map(Pullback p, ScalarFn fn) {
    GraphBuilder g = p.g();
    Node dy = p.upstream();
    Node y = p.node();
    Node a = p.input(0);
    Node b = p.input(fn.arity() - 1);
    return switch (fn) {
      case NEG -> p.gradients(() -> negated(p, dy));
      case ABS -> p.gradients(() -> g.mul(dy, g.map(ScalarFn.SIGN, a)));
      case EXP -> p.gradients(() -> g.mul(dy, y));
      case LOG -> p.gradients(() -> g.div(dy, a));
      case SQRT -> p.gradients(() -> g.div(g.scale(dy, 0.5), y));
      case RSQRT -> p.gradients(() -> g.mul(g.scale(dy, -0.5), g.mul(y, g.mul(y, y))));
      case RECIPROCAL -> p.gradients(() -> negated(p, g.mul(dy, g.mul(y, y))));
      case SIN -> p.gradients(() -> g.mul(dy, g.map(ScalarFn.COS, a)));
      case COS -> p.gradients(() -> negated(p, g.mul(dy, g.map(ScalarFn.SIN, a))));
      case TANH -> p.gradients(() -> g.mul(dy, g.sub(p.number(1), g.mul(y, y))));
      case ERF -> p.gradients(() -> erf(p));
      case SIGMOID -> p.gradients(() -> g.mul(dy, g.mul(y, g.sub(p.number(1), y))));
      case SILU -> p.gradients(() -> g.mul(dy, siluSlope(p, g.map(ScalarFn.SIGMOID, a))));
      // The result rather than the operand: where one is positive the other is, and the result is
      // what the next layer keeps anyway.
      case RELU -> p.gradients(() -> p.where(g.map(ScalarFn.GREATER, y, p.number(0)), dy));
      case ADD -> p.gradients(() -> dy, () -> dy);
      case SUB -> p.gradients(() -> dy, () -> negated(p, dy));
      case MUL -> p.gradients(() -> g.mul(dy, b), () -> g.mul(dy, a));
      case DIV -> quotient(p);
      case MAX -> p.gradients(() -> winner(p, a, b), () -> winner(p, b, a));
      case MIN -> p.gradients(() -> winner(p, b, a), () -> winner(p, a, b));
      case POW -> p.gradients(() -> base(p), () -> exponent(p));
      case SWIGLU -> swiglu(p);
      case SELECT -> select(p);
      case SIGN,
          POWER_OF_TWO,
          NOT,
          LESS,
          LESS_EQUAL,
          GREATER,
          GREATER_EQUAL,
          EQUAL,
          NOT_EQUAL,
          AND,
          OR ->
          p.none();
    };
  }

  private static Node negated(Pullback p, Node x) {
    return p.g().map(ScalarFn.NEG, x);
  }

  private static List<@Nullable Node> select(Pullback p) {
    Node condition = p.input(0);
    return p.gradients(
        () -> null,
        () -> p.where(condition, p.upstream()),
        () -> p.g().map(ScalarFn.SELECT, condition, p.number(0), p.upstream()));
  }

  /// 2/√π · e^(−x²).
  private static Node erf(Pullback p) {
    GraphBuilder g = p.g();
    Node x = p.input(0);
    Node bell = g.map(ScalarFn.EXP, negated(p, g.mul(x, x)));
    return g.mul(g.scale(p.upstream(), 2 / Math.sqrt(Math.PI)), bell);
  }

  private static List<@Nullable Node> quotient(Pullback p) {
    Node ofA = p.g().div(p.upstream(), p.input(1));
    return p.gradients(() -> ofA, () -> negated(p, p.g().mul(ofA, p.node())));
  }

  private static List<@Nullable Node> swiglu(Pullback p) {
    GraphBuilder g = p.g();
    Node gate = p.input(0);
    Node sigmoid = g.map(ScalarFn.SIGMOID, gate);
    return p.gradients(
        () -> g.mul(g.mul(p.upstream(), p.input(1)), siluSlope(p, sigmoid)),
        () -> g.mul(p.upstream(), g.mul(gate, sigmoid)));
  }

  /// σ·(1 + x·(1 − σ)), the slope of x·σ(x).
  private static Node siluSlope(Pullback p, Node sigmoid) {
    GraphBuilder g = p.g();
    Node one = p.number(1);
    return g.mul(sigmoid, g.add(one, g.mul(p.input(0), g.sub(one, sigmoid))));
  }

  /// The gradient where `above` is the greater, half of it where the two are equal (as PyTorch's
  /// `maximum` does), else zero.
  private static Node winner(Pullback p, Node above, Node below) {
    GraphBuilder g = p.g();
    Node half = p.where(g.map(ScalarFn.EQUAL, above, below), g.scale(p.upstream(), 0.5));
    return g.map(ScalarFn.SELECT, g.map(ScalarFn.GREATER, above, below), p.upstream(), half);
  }

  /// b·a^(b−1), and zero where b is zero, also at a = 0.
  private static Node base(Pullback p) {
    GraphBuilder g = p.g();
    Node a = p.input(0);
    Node b = p.input(1);
    Node slope = g.mul(b, g.map(ScalarFn.POW, a, g.sub(b, p.number(1))));
    Node gradient = g.mul(p.upstream(), slope);
    boolean neverZero =
        b.op() instanceof Leaf.Constant(Literal literal)
            && literal.isSplat()
            && !literal.isSplat(0);
    return neverZero ? gradient : p.where(g.map(ScalarFn.NOT_EQUAL, b, p.number(0)), gradient);
  }

  /// a^b·log a, and zero at a = 0 for b ≥ 0, where log a is −∞.
  private static Node exponent(Pullback p) {
    GraphBuilder g = p.g();
    Node a = p.input(0);
    Node b = p.input(1);
    Node gradient = g.mul(p.upstream(), g.mul(p.node(), g.map(ScalarFn.LOG, a)));
    Node flat =
        g.map(
            ScalarFn.AND,
            g.map(ScalarFn.EQUAL, a, p.number(0)),
            g.map(ScalarFn.GREATER_EQUAL, b, p.number(0)));
    return p.where(g.map(ScalarFn.NOT, flat), gradient);
  }
}
