package io.griffinfly.engine.opt.rules;

import static io.griffinfly.engine.opt.rules.Rules.fn;
import static io.griffinfly.engine.opt.rules.Rules.fold;
import static io.griffinfly.engine.opt.rules.Rules.rootShape;
import static io.griffinfly.engine.opt.rules.Rules.rounding;
import static io.griffinfly.engine.opt.rules.Rules.shape;
import static io.griffinfly.engine.opt.rules.Rules.splat;
import static io.griffinfly.engine.opt.rules.Rules.splatOf;
import static io.griffinfly.engine.opt.rules.Rules.var;

import io.griffinfly.engine.egraph.Match;
import io.griffinfly.engine.egraph.Pattern;
import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.opt.Fact;
import java.util.List;

/// Normalizations in their written-out form.
public final class RaiseNorms {
  private RaiseNorms() {}

  /// The rules.
  ///
  /// @return rules, in the order they are applied
  public static List<Rule<Op, Fact>> rules() {
    return List.of(
        // x · rsqrt(Σx²/n + ε) · w = rmsNorm(x, w)
        rounding(
            "rms-norm",
            fn(ScalarFn.MUL, fn(ScalarFn.MUL, var("x"), inverseRootMeanSquare()), var("w")),
            RaiseNorms::isRmsNorm,
            (match, edit) ->
                edit.add(
                    new Norm.RmsNorm(splatOf(match, "epsilon")), match.get("x"), match.get("w"))));
  }

  private static Pattern inverseRootMeanSquare() {
    Pattern square = fn(ScalarFn.MUL, var("x"), var("x"));
    Pattern mean = fn(ScalarFn.MUL, fold(ReduceFn.SUM, square).as("sum"), splat("share"));
    return fn(ScalarFn.RSQRT, fn(ScalarFn.ADD, mean, splat("epsilon")));
  }

  private static boolean isRmsNorm(Match<Op, Fact> match) {
    Shape x = shape(match, match.get("x"));
    Reduce.Fold sum = match.op("sum", Reduce.Fold.class);
    return rootShape(match).equals(x)
        && x.rank() >= 1
        && shape(match, match.get("w")).equals(Shape.of(x.dim(-1)))
        && sum.keepDims()
        && sum.axes().equals(List.of(x.rank() - 1))
        && splatOf(match, "share") == 1.0 / x.dim(-1);
  }
}
