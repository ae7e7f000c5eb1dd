package io.griffinfly.engine.egraph;

import static io.griffinfly.engine.egraph.Arithmetic.PRODUCT;
import static io.griffinfly.engine.egraph.Arithmetic.SYMBOL;
import static io.griffinfly.engine.egraph.Arithmetic.function;
import static io.griffinfly.engine.egraph.Arithmetic.product;
import static io.griffinfly.engine.egraph.Arithmetic.symbol;
import static io.griffinfly.engine.egraph.Pattern.node;
import static io.griffinfly.engine.egraph.Pattern.var;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.Arithmetic.Known;
import io.griffinfly.engine.egraph.Arithmetic.Term;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Group rules on products `h w` that share `h`, with symbols as weights.
class GroupRewriteTest {
  private static final Pattern MEMBER = node(PRODUCT, var("h"), node(SYMBOL).as("w"));
  private static final Limits AMPLE = Limits.forSize(1000);

  private final List<List<Integer>> groups = new ArrayList<>();

  private Rule<Term, Known> recording(String key) {
    return new GroupRewrite<>(
        "merge",
        Exactness.EXACT,
        MEMBER,
        key,
        _ -> true,
        (matches, _) -> groups.add(matches.stream().map(Match::root).toList()));
  }

  @Test
  void groupsComeWholeAndInOrder() {
    var graph = Arithmetic.graph();
    int late = symbol(graph, "late");
    int early = function(graph, "g", late);
    List<Integer> ofEarly = new ArrayList<>();
    List<Integer> ofLate = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int w = symbol(graph, "w" + i);
      ofEarly.add(product(graph, early, w));
      ofLate.add(product(graph, late, w));
    }
    product(graph, function(graph, "alone"), late);
    new Runner<>(List.of(recording("h")), AMPLE).run(graph);
    assertEquals(List.of(ofLate, ofEarly), groups);
  }

  @Test
  void anyNameCanBeTheKey() {
    var graph = Arithmetic.graph();
    int w = symbol(graph, "w");
    int a = product(graph, function(graph, "a"), w);
    int b = product(graph, function(graph, "b"), w);
    new Runner<>(List.of(recording("w")), AMPLE).run(graph);
    assertEquals(List.of(List.of(a, b)), groups);
    EGraphException refusal =
        assertThrows(
            EGraphException.class, () -> new Runner<>(List.of(recording("x")), AMPLE).run(graph));
    assertTrue(refusal.toString().contains("merge"), refusal::toString);
  }

  @Test
  void oneClassIsNoGroup() {
    var graph = Arithmetic.graph();
    int h = function(graph, "h");
    int a = product(graph, h, symbol(graph, "a"));
    int b = product(graph, h, symbol(graph, "b"));
    graph.union(a, b, "given");
    new Runner<>(List.of(recording("h")), AMPLE).run(graph);
    assertEquals(List.of(), groups);
  }

  @Test
  void aGroupThatGrowsComesAgainAndOthersDoNot() {
    var graph = Arithmetic.graph();
    int h = function(graph, "h");
    int k = function(graph, "k");
    int other = function(graph, "other");
    int a = product(graph, h, symbol(graph, "a"));
    int b = product(graph, h, symbol(graph, "b"));
    int c = product(graph, k, symbol(graph, "c"));
    int d = product(graph, other, symbol(graph, "d"));
    int e = product(graph, other, symbol(graph, "e"));
    Rule<Term, Known> join = Arithmetic.rewrite("k-is-h", Arithmetic.function("k"), (_, _) -> h);
    new Runner<>(List.of(recording("h"), join), AMPLE).run(graph);
    assertEquals(List.of(List.of(a, b), List.of(d, e), List.of(a, b, c)), groups);
  }

  @Test
  void aNewMemberBringsTheOldOnesAlong() {
    var graph = Arithmetic.graph();
    int h = function(graph, "h");
    int a = product(graph, h, symbol(graph, "a"));
    int b = product(graph, h, symbol(graph, "b"));
    function(graph, "more", h);
    Rule<Term, Known> more =
        Arithmetic.rewrite(
            "more",
            Arithmetic.function("more", var("h")),
            (match, edit) ->
                edit.add(new Term.Product(), match.get("h"), edit.add(new Term.Symbol("new"))));
    new Runner<>(List.of(recording("h"), more), AMPLE).run(graph);
    int c = product(graph, h, symbol(graph, "new"));
    assertEquals(List.of(List.of(a, b), List.of(a, b, c)), groups);
  }

  @Test
  void tooManyMembersAreABan() {
    var graph = Arithmetic.graph();
    int h = function(graph, "h");
    for (int i = 0; i < 10; i++) {
      product(graph, h, symbol(graph, "w" + i));
    }
    Report report =
        new Runner<>(List.of(recording("h")), new Limits(1, 1000, 9, 1, Long.MAX_VALUE)).run(graph);
    assertEquals(1, report.fired("merge").bans());
    assertEquals(List.of(), groups);
  }
}
