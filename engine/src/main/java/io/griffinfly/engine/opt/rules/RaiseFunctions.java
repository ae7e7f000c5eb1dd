package io.griffinfly.engine.opt.rules;

import static io.griffinfly.engine.opt.rules.Rules.fn;
import static io.griffinfly.engine.opt.rules.Rules.map;
import static io.griffinfly.engine.opt.rules.Rules.rounding;
import static io.griffinfly.engine.opt.rules.Rules.var;

import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.opt.Fact;
import java.util.List;

/// Activation functions in their written-out form.
public final class RaiseFunctions {
  private RaiseFunctions() {}

  /// The rules.
  ///
  /// @return rules, in the order they are applied
  public static List<Rule<Op, Fact>> rules() {
    return List.of(
        // x · sigmoid(x) = silu(x)
        rounding(
            "silu",
            fn(ScalarFn.MUL, var("x"), fn(ScalarFn.SIGMOID, var("x"))),
            (match, edit) -> map(edit, ScalarFn.SILU, match.get("x"))),
        // silu(gate) · up = swiglu(gate, up)
        rounding(
            "swiglu",
            fn(ScalarFn.MUL, fn(ScalarFn.SILU, var("gate")), var("up")),
            (match, edit) -> map(edit, ScalarFn.SWIGLU, match.get("gate"), match.get("up"))));
  }
}
