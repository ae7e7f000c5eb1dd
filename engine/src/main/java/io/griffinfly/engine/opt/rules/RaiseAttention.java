package io.griffinfly.engine.opt.rules;

import static io.griffinfly.engine.opt.rules.Rules.fn;
import static io.griffinfly.engine.opt.rules.Rules.fold;
import static io.griffinfly.engine.opt.rules.Rules.op;
import static io.griffinfly.engine.opt.rules.Rules.rounding;
import static io.griffinfly.engine.opt.rules.Rules.shape;
import static io.griffinfly.engine.opt.rules.Rules.splat;
import static io.griffinfly.engine.opt.rules.Rules.splatOf;
import static io.griffinfly.engine.opt.rules.Rules.var;

import io.griffinfly.engine.egraph.Edit;
import io.griffinfly.engine.egraph.Match;
import io.griffinfly.engine.egraph.Pattern;
import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.opt.Fact;
import java.util.List;

/// Attention and rotary embedding in their written-out form.
public final class RaiseAttention {
  /// A score below this hides a key: exp of it is 0 in every float type beside any usual score.
  private static final double HIDDEN = -1e9;

  private RaiseAttention() {}

  /// The rules.
  ///
  /// @return rules, in the order they are applied
  public static List<Rule<Op, Fact>> rules() {
    return List.of(
        // (a·cos − b·sin, b·cos + a·sin) with (a, b) = x is rotary(x)
        rounding(
            "rotary",
            op(
                    Move.Concat.class,
                    fn(
                        ScalarFn.SUB,
                        fn(ScalarFn.MUL, half("firstCos"), var("cos")),
                        fn(ScalarFn.MUL, half("secondSin"), var("sin"))),
                    fn(
                        ScalarFn.ADD,
                        fn(ScalarFn.MUL, half("secondCos"), var("cos")),
                        fn(ScalarFn.MUL, half("firstSin"), var("sin"))))
                .as("concat"),
            RaiseAttention::isRotary,
            (match, edit) ->
                edit.add(
                    new Attention.Rotary(false),
                    match.get("x"),
                    match.get("cos"),
                    match.get("sin"))),
        // softmax(q·kᵀ·scale + mask)·v is attention
        rounding(
            "attention",
            op(Contract.MatMul.class, softmax(), heads("v", "vSplit", "vRepeat"))
                .where(
                    Contract.MatMul.class,
                    product -> !product.transposeLeft() && !product.transposeRight()),
            RaiseAttention::isAttention,
            RaiseAttention::attend));
  }

  private static Pattern half(String name) {
    return op(Move.Slice.class, var("x")).as(name);
  }

  private static boolean isRotary(Match<Op, Fact> match) {
    Shape x = shape(match, match.get("x"));
    int axis = x.rank() - 1;
    int half = x.dim(axis) / 2;
    Move.Slice first = new Move.Slice(axis, 0, half);
    Move.Slice second = new Move.Slice(axis, half, half);
    return x.dim(axis) == 2 * half
        && match.op("concat", Move.Concat.class).axis() == axis
        && match.op("firstCos", Move.Slice.class).equals(first)
        && match.op("firstSin", Move.Slice.class).equals(first)
        && match.op("secondCos", Move.Slice.class).equals(second)
        && match.op("secondSin", Move.Slice.class).equals(second);
  }

  private static Pattern softmax() {
    Pattern.Node shifted =
        fn(ScalarFn.SUB, scores(), fold(ReduceFn.MAX, var("maxOf")).as("max")).as("shifted");
    return fn(
        ScalarFn.DIV,
        fn(ScalarFn.EXP, shifted).as("weights"),
        fold(ReduceFn.SUM, var("sumOf")).as("sum"));
  }

  private static Pattern scores() {
    Pattern product =
        op(Contract.MatMul.class, var("q"), heads("k", "kSplit", "kRepeat"))
            .where(
                Contract.MatMul.class,
                matMul -> !matMul.transposeLeft() && matMul.transposeRight());
    Pattern scaled = Pattern.anyOf(fn(ScalarFn.MUL, product, splat("scale")), product);
    Pattern lastRow =
        Pattern.anyOf(
            op(Leaf.Iota.class).as("rows"),
            fn(ScalarFn.ADD, op(Leaf.Iota.class).as("rows"), splat("offset")));
    Pattern visible = fn(ScalarFn.LESS_EQUAL, op(Leaf.Iota.class).as("columns"), lastRow);
    return Pattern.anyOf(fn(ScalarFn.SELECT, visible, scaled, splat("never")), scaled);
  }

  /// Key heads, repeated for the query heads they serve or not.
  private static Pattern heads(String name, String split, String repeat) {
    return Pattern.anyOf(
        op(
            Move.Reshape.class,
            op(Move.Broadcast.class, op(Move.Reshape.class, var(name)).as(split)).as(repeat)),
        var(name));
  }

  private static boolean isAttention(Match<Op, Fact> match) {
    Shape q = shape(match, match.get("q"));
    Shape k = shape(match, match.get("k"));
    Shape v = shape(match, match.get("v"));
    return q.rank() == 4
        && k.rank() == 4
        && v.rank() == 4
        && k.with(3, 0).equals(v.with(3, 0))
        && q.dim(0) == k.dim(0)
        && q.dim(1) % k.dim(1) == 0
        && repeatsHeads(match, "kSplit", "kRepeat", k, q.dim(1))
        && repeatsHeads(match, "vSplit", "vRepeat", v, q.dim(1))
        && overLastAxis(match, "max")
        && overLastAxis(match, "sum")
        && match.graph().kid(match.node("shifted"), 0) == match.get("maxOf")
        && match.get("weights") == match.get("sumOf")
        && hidesLaterKeys(match, q.dim(2), k.dim(2));
  }

  private static boolean overLastAxis(Match<Op, Fact> match, String name) {
    Reduce.Fold fold = match.op(name, Reduce.Fold.class);
    return fold.keepDims() && fold.axes().equals(List.of(3));
  }

  /// Whether heads are repeated one by one, each for its query heads: `[b, g, t, d]` to `[b, g, r,
  /// t, d]`.
  private static boolean repeatsHeads(
      Match<Op, Fact> match, String split, String repeat, Shape shape, int queryHeads) {
    if (!match.has(repeat)) {
      return shape.dim(1) == queryHeads;
    }
    int groups = shape.dim(1);
    Shape apart = Shape.of(shape.dim(0), groups, 1, shape.dim(2), shape.dim(3));
    return match.op(split, Move.Reshape.class).shape().equals(apart)
        && match
            .op(repeat, Move.Broadcast.class)
            .shape()
            .equals(apart.with(2, queryHeads / groups));
  }

  private static boolean hidesLaterKeys(Match<Op, Fact> match, int queries, int keys) {
    if (!match.has("never")) {
      return true;
    }
    double offset = match.has("offset") ? splatOf(match, "offset") : 0;
    Shape mask = Shape.of(queries, keys);
    return splatOf(match, "never") <= HIDDEN
        && offset == keys - queries
        && counts(match.op("rows", Leaf.Iota.class), mask, 0)
        && counts(match.op("columns", Leaf.Iota.class), mask, 1);
  }

  private static boolean counts(Leaf.Iota iota, Shape mask, int axis) {
    return iota.axis() == axis && iota.type().shape().equals(mask);
  }

  private static int attend(Match<Op, Fact> match, Edit<Op, Fact> edit) {
    double scale = match.has("scale") ? splatOf(match, "scale") : 1;
    Attention.Mask mask = match.has("never") ? Attention.Mask.CAUSAL : Attention.Mask.NONE;
    int both =
        edit.add(new Attention.Attend(scale, mask), match.get("q"), match.get("k"), match.get("v"));
    return edit.add(new Move.Project(0), both);
  }
}
