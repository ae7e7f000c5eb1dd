package io.griffinfly.engine.opt.rules;

import static io.griffinfly.engine.opt.rules.Rules.exact;
import static io.griffinfly.engine.opt.rules.Rules.fn;
import static io.griffinfly.engine.opt.rules.Rules.map;
import static io.griffinfly.engine.opt.rules.Rules.number;
import static io.griffinfly.engine.opt.rules.Rules.rounding;
import static io.griffinfly.engine.opt.rules.Rules.shaped;
import static io.griffinfly.engine.opt.rules.Rules.splat;
import static io.griffinfly.engine.opt.rules.Rules.var;

import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.opt.Fact;
import java.util.List;
import java.util.stream.Stream;

/// Identities of numbers.
public final class Algebra {
  private Algebra() {}

  /// The rules.
  ///
  /// @return rules, in the order they are applied
  public static List<Rule<Op, Fact>> rules() {
    return Stream.of(neutralElements(), signs(), powers()).flatMap(List::stream).toList();
  }

  private static List<Rule<Op, Fact>> neutralElements() {
    return List.of(
        // x + 0 = x, up to the sign of zero
        rounding(
            "add-zero",
            fn(ScalarFn.ADD, var("x"), number("zero", 0)),
            (match, edit) -> shaped(match, edit, match.get("x"))),
        // x − 0 = x
        exact(
            "sub-zero",
            fn(ScalarFn.SUB, var("x"), number("zero", 0)),
            (match, edit) -> shaped(match, edit, match.get("x"))),
        // x · 1 = x
        exact(
            "mul-one",
            fn(ScalarFn.MUL, var("x"), number("one", 1)),
            (match, edit) -> shaped(match, edit, match.get("x"))),
        // x / 1 = x
        exact(
            "div-one",
            fn(ScalarFn.DIV, var("x"), number("one", 1)),
            (match, edit) -> shaped(match, edit, match.get("x"))));
  }

  private static List<Rule<Op, Fact>> signs() {
    return List.of(
        // −(−x) = x
        exact(
            "neg-neg", fn(ScalarFn.NEG, fn(ScalarFn.NEG, var("x"))), (match, _) -> match.get("x")),
        // relu(relu(x)) = relu(x)
        exact(
            "relu-relu",
            fn(ScalarFn.RELU, fn(ScalarFn.RELU, var("x")).as("inner")),
            (match, _) -> match.get("inner")),
        // a + (−b) = a − b
        exact(
            "add-neg",
            fn(ScalarFn.ADD, var("a"), fn(ScalarFn.NEG, var("b"))),
            (match, edit) -> map(edit, ScalarFn.SUB, match.get("a"), match.get("b"))),
        // a − (−b) = a + b
        exact(
            "sub-neg",
            fn(ScalarFn.SUB, var("a"), fn(ScalarFn.NEG, var("b"))),
            (match, edit) -> map(edit, ScalarFn.ADD, match.get("a"), match.get("b"))));
  }

  private static List<Rule<Op, Fact>> powers() {
    return List.of(
        // (x · c) · d = x · (c · d) for numbers c, d
        rounding(
            "mul-mul",
            fn(ScalarFn.MUL, fn(ScalarFn.MUL, var("x"), splat("c")), splat("d")),
            (match, edit) ->
                map(
                    edit,
                    ScalarFn.MUL,
                    match.get("x"),
                    map(edit, ScalarFn.MUL, match.get("c"), match.get("d")))),
        // 1 / √x = rsqrt(x)
        rounding(
            "reciprocal-sqrt",
            fn(ScalarFn.RECIPROCAL, fn(ScalarFn.SQRT, var("x"))),
            (match, edit) -> map(edit, ScalarFn.RSQRT, match.get("x"))),
        // a / √x = a · rsqrt(x)
        rounding(
            "div-sqrt",
            fn(ScalarFn.DIV, var("a"), fn(ScalarFn.SQRT, var("x"))),
            (match, edit) ->
                map(edit, ScalarFn.MUL, match.get("a"), map(edit, ScalarFn.RSQRT, match.get("x")))),
        // x² = x · x
        rounding(
            "pow-two",
            fn(ScalarFn.POW, var("x"), number("two", 2)),
            (match, edit) ->
                shaped(match, edit, map(edit, ScalarFn.MUL, match.get("x"), match.get("x")))));
  }
}
