package io.griffinfly.engine.opt.rules;

import static io.griffinfly.engine.opt.rules.Rules.op;
import static io.griffinfly.engine.opt.rules.Rules.rounding;
import static io.griffinfly.engine.opt.rules.Rules.shape;
import static io.griffinfly.engine.opt.rules.Rules.var;

import io.griffinfly.engine.egraph.Choice;
import io.griffinfly.engine.egraph.EGraph;
import io.griffinfly.engine.egraph.Edit;
import io.griffinfly.engine.egraph.Exactness;
import io.griffinfly.engine.egraph.GroupRewrite;
import io.griffinfly.engine.egraph.Match;
import io.griffinfly.engine.egraph.Pattern;
import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.opt.Fact;
import io.griffinfly.engine.opt.Kinds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Several products with one operand in common become one, over weights that lie side by side.
public final class Packs {
  private Packs() {}

  /// The rules.
  ///
  /// @return rules, in the order they are applied
  public static List<Rule<Op, Fact>> rules() {
    return List.of(
        // x·w₁ᵀ, x·w₂ᵀ, .. = slices of x·(w₁ | w₂ | ..)ᵀ
        new GroupRewrite<>(
            "pack-projections",
            Exactness.EXACT,
            op(Contract.MatMul.class, var("x"), weight("w"))
                .where(Contract.MatMul.class, p -> !p.transposeLeft() && p.transposeRight()),
            "x",
            match -> shape(match, match.get("w")).rank() == 2,
            Packs::project),
        // a·u + b·w = (a | b)·(u over w), the gradient of the above
        rounding(
            "pack-gradients",
            Pattern.node(
                Kinds.of(io.griffinfly.engine.ir.ScalarFn.ADD),
                term("leftTerm"),
                term("rightTerm")),
            match -> terms(match).size() >= 2,
            Packs::sum));
  }

  private static Pattern weight(String name) {
    return op(Leaf.State.class).as(name);
  }

  private static Pattern term(String name) {
    return op(Contract.MatMul.class, var(name + "Of"), var(name + "Weight"))
        .as(name)
        .where(Contract.MatMul.class, p -> !p.transposeLeft() && !p.transposeRight());
  }

  private static void project(List<Match<Op, Fact>> matches, Edit<Op, Fact> edit) {
    int[] weights = matches.stream().mapToInt(match -> match.get("w")).toArray();
    int pack = edit.add(new Move.Concat(0), weights);
    int product = edit.add(new Contract.MatMul(false, true), matches.getFirst().get("x"), pack);
    int axis = edit.graph().data(product).shape().rank() - 1;
    List<Choice> choices = new ArrayList<>();
    int start = 0;
    for (Match<Op, Fact> match : matches) {
      int size = edit.graph().data(match.get("w")).shape().dim(0);
      int slice = edit.add(new Move.Slice(axis, start, size), product);
      edit.equate(match.root(), slice);
      choices.add(new Choice(match.root(), slice));
      start += size;
    }
    edit.bundle(choices);
  }

  /// One product of a sum: its left operand and its weight.
  private record Term(int left, int weight) {}

  /// The terms of both operands of the sum, by weight; empty if one is no product with states.
  private static List<Term> terms(Match<Op, Fact> match) {
    List<Term> terms = new ArrayList<>();
    EGraph<Op, Fact> graph = match.graph();
    for (String side : List.of("leftTerm", "rightTerm")) {
      int left = match.get(side + "Of");
      int weight = match.get(side + "Weight");
      int joinedLeft = graph.nodeOfKind(left, Kinds.of(Move.Concat.class));
      int joinedWeight = graph.nodeOfKind(weight, Kinds.of(Move.Concat.class));
      if (isState(graph, weight)) {
        terms.add(new Term(left, weight));
      } else if (joinedLeft != EGraph.NONE
          && joinedWeight != EGraph.NONE
          && graph.kidCount(joinedLeft) == graph.kidCount(joinedWeight)
          && java.util.Arrays.stream(graph.kids(joinedWeight)).allMatch(k -> isState(graph, k))) {
        for (int i = 0; i < graph.kidCount(joinedLeft); i++) {
          terms.add(new Term(graph.kid(joinedLeft, i), graph.kid(joinedWeight, i)));
        }
      } else {
        return List.of();
      }
    }
    terms.sort(Comparator.comparingInt(Term::weight));
    boolean distinct = terms.stream().map(Term::weight).distinct().count() == terms.size();
    boolean matrices = terms.stream().allMatch(t -> graph.data(t.left).shape().rank() == 2);
    return distinct && matrices ? terms : List.of();
  }

  private static boolean isState(EGraph<Op, Fact> graph, int id) {
    return graph.op(graph.lowest(id)) instanceof Leaf.State;
  }

  private static int sum(Match<Op, Fact> match, Edit<Op, Fact> edit) {
    List<Term> terms = terms(match);
    int left = edit.add(new Move.Concat(1), terms.stream().mapToInt(Term::left).toArray());
    int weight = edit.add(new Move.Concat(0), terms.stream().mapToInt(Term::weight).toArray());
    return edit.add(new Contract.MatMul(false, false), left, weight);
  }
}
