package io.griffinfly.engine.opt.rules;

import static io.griffinfly.engine.opt.rules.Rules.op;
import static io.griffinfly.engine.opt.rules.Rules.rootShape;
import static io.griffinfly.engine.opt.rules.Rules.rounding;
import static io.griffinfly.engine.opt.rules.Rules.shape;
import static io.griffinfly.engine.opt.rules.Rules.var;

import io.griffinfly.engine.egraph.Edit;
import io.griffinfly.engine.egraph.Match;
import io.griffinfly.engine.egraph.Pattern;
import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.opt.Fact;
import io.griffinfly.engine.opt.Kinds;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// f(a·b, d) = one product with the epilogue f: the product is not stored and read again.
public final class Epilogues {
  /// Longest epilogue, in operations: bias, activation and residual are three; the rest is room for
  /// updates.
  private static final int MAX_OPERATIONS = 8;

  private static final List<ScalarFn> FUNCTIONS =
      List.of(
          ScalarFn.ADD,
          ScalarFn.SUB,
          ScalarFn.MUL,
          ScalarFn.RELU,
          ScalarFn.SILU,
          ScalarFn.SIGMOID,
          ScalarFn.TANH,
          ScalarFn.SWIGLU);

  private Epilogues() {}

  /// The rules.
  ///
  /// @return rules, in the order they are applied
  public static List<Rule<Op, Fact>> rules() {
    List<Rule<Op, Fact>> rules = new ArrayList<>();
    for (ScalarFn fn : FUNCTIONS) {
      for (int position = 0; position < fn.arity(); position++) {
        rules.add(rule(fn, position));
      }
    }
    return List.copyOf(rules);
  }

  /// The rule for a function whose operand at a position is a product.
  private static Rule<Op, Fact> rule(ScalarFn fn, int position) {
    Pattern[] operands = new Pattern[fn.arity()];
    for (int i = 0; i < operands.length; i++) {
      operands[i] = i == position ? product() : var("operand" + i);
    }
    return rounding(
        "epilogue-" + fn.name().toLowerCase(Locale.ROOT) + "-" + position,
        Pattern.node(Kinds.of(fn), operands),
        match -> fits(match, fn),
        (match, edit) -> fuse(match, edit, fn, position));
  }

  private static Pattern product() {
    return Pattern.anyOf(
        op(Contract.MatMul.class, var("left"), var("right")).as("plain"),
        Pattern.anyArity(Kinds.of(Contract.FusedMatMul.class)).as("fused"));
  }

  private static int product(Match<Op, Fact> match) {
    return match.node(match.has("plain") ? "plain" : "fused");
  }

  private static ScalarExpr epilogue(Op product) {
    return product instanceof Contract.FusedMatMul fused ? fused.epilogue() : new ScalarExpr.Arg(0);
  }

  private static boolean fits(Match<Op, Fact> match, ScalarFn fn) {
    int product = product(match);
    // With an epilogue, products of halves give single precision: another value.
    return !match.graph().data(product).type().dtype().isHalf()
        && rootShape(match).equals(shape(match, product))
        && epilogue(match.graph().op(product)).operations() < MAX_OPERATIONS
        && match.graph().kidCount(product) + fn.arity() <= MAX_OPERATIONS;
  }

  private static int fuse(Match<Op, Fact> match, Edit<Op, Fact> edit, ScalarFn fn, int position) {
    int product = product(match);
    List<Integer> inputs = new ArrayList<>();
    for (int kid : match.graph().kids(product)) {
      inputs.add(kid);
    }
    Contract contract = (Contract) match.graph().op(product);
    List<ScalarExpr> operands = new ArrayList<>();
    for (int i = 0; i < fn.arity(); i++) {
      operands.add(i == position ? epilogue(contract) : operand(inputs, match.get("operand" + i)));
    }
    return edit.add(
        new Contract.FusedMatMul(
            contract.transposeLeft(),
            contract.transposeRight(),
            new ScalarExpr.Apply(fn, operands)),
        inputs.stream().mapToInt(Integer::intValue).toArray());
  }

  /// The operand of the epilogue that an input is, added behind the others if it is new.
  private static ScalarExpr operand(List<Integer> inputs, int id) {
    int index = inputs.subList(2, inputs.size()).indexOf(id);
    if (index < 0) {
      index = inputs.size() - 2;
      inputs.add(id);
    }
    return new ScalarExpr.Arg(1 + index);
  }
}
