package io.griffinfly.engine.opt;

import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.opt.rules.Algebra;
import io.griffinfly.engine.opt.rules.Epilogues;
import io.griffinfly.engine.opt.rules.Movement;
import io.griffinfly.engine.opt.rules.Packs;
import io.griffinfly.engine.opt.rules.RaiseAttention;
import io.griffinfly.engine.opt.rules.RaiseFunctions;
import io.griffinfly.engine.opt.rules.RaiseNorms;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The rules by phase: one row a theme.
public enum RuleSet {
  /// Finds composite operations; before differentiation.
  RAISE,
  /// Merges and fuses; over forward, backward and update together.
  LOWER;

  /// The rules of the phase.
  ///
  /// @return rules, in the order they are applied
  public List<Rule<Op, Fact>> rules() {
    Stream<List<Rule<Op, Fact>>> themes =
        switch (this) {
          case RAISE ->
              Stream.of(
                  Algebra.rules(),
                  Movement.rules(),
                  RaiseFunctions.rules(),
                  RaiseNorms.rules(),
                  RaiseAttention.rules());
          case LOWER ->
              Stream.of(
                  Algebra.rules(),
                  Movement.rules(),
                  RaiseFunctions.rules(),
                  Epilogues.rules(),
                  Packs.rules());
        };
    return themes.flatMap(List::stream).toList();
  }

  /// The rules of the phase but for some.
  ///
  /// @param without names of rules to leave out
  /// @return the others
  List<Rule<Op, Fact>> rules(Set<String> without) {
    return rules().stream().filter(rule -> !without.contains(rule.name())).toList();
  }
}
