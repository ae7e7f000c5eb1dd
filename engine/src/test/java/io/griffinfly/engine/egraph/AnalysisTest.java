package io.griffinfly.engine.egraph;

import static io.griffinfly.engine.egraph.Arithmetic.SYMBOL;
import static io.griffinfly.engine.egraph.Arithmetic.function;
import static io.griffinfly.engine.egraph.Arithmetic.number;
import static io.griffinfly.engine.egraph.Arithmetic.product;
import static io.griffinfly.engine.egraph.Arithmetic.sum;
import static io.griffinfly.engine.egraph.Arithmetic.symbol;
import static io.griffinfly.engine.egraph.Pattern.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.Arithmetic.Known;
import io.griffinfly.engine.egraph.Arithmetic.Term;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnalysisTest {
  @Test
  void constantsFoldBottomUp() {
    var graph = Arithmetic.graph();
    int term = product(graph, sum(graph, number(graph, 2), number(graph, 3)), number(graph, 4));
    graph.rebuild();
    assertTrue(graph.data(term).is(20));
    assertEquals(graph.find(number(graph, 20)), graph.find(term));
    assertEquals("analysis", graph.origin(number(graph, 20)));
    assertEquals("fold", graph.explain(term, number(graph, 20)).getFirst().rule());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void newKnowledgeClimbsToTheParents(boolean isKnownFirst) {
    var graph = Arithmetic.graph();
    int x = symbol(graph, "x");
    int term = x;
    for (int i = 0; i < 50; i++) {
      term = sum(graph, term, number(graph, 1));
    }
    graph.rebuild();
    assertTrue(graph.data(term).value().isEmpty());
    int seven = number(graph, 7);
    graph.union(isKnownFirst ? seven : x, isKnownFirst ? x : seven, "given");
    graph.rebuild();
    assertTrue(graph.data(term).is(57));
    assertEquals(graph.find(number(graph, 57)), graph.find(term));
    assertEquals(List.of(), EGraphAudit.complaints(graph, new Arithmetic.Folding()));
  }

  /// A class can change by what is known of it alone, with no union: rules must look there again.
  @Test
  void newKnowledgeIsAChangeForRules() {
    EGraph<Term, Known> graph =
        new EGraph<>(
            Arithmetic::kind,
            new Arithmetic.Folding() {
              @Override
              public void modify(EGraph<Term, Known> owner, int id) {}
            });
    int x = symbol(graph, "x");
    int shifted = x;
    for (int i = 0; i < 4; i++) {
      shifted = graph.add(new Term.Shift(1), shifted);
    }
    int term = product(graph, shifted, function(graph, "f"));
    List<Rewrite<Term, Known>> rules = new ArrayList<>(Arithmetic.simplifications());
    rules.add(
        Arithmetic.rewrite("x-is-zero", node(SYMBOL), (_, edit) -> edit.add(new Term.Constant(0))));
    new Runner<>(rules, Limits.forSize(10)).run(graph);
    assertEquals(graph.find(shifted), graph.find(term));
  }

  @Test
  void everyChangedClassMayBeModified() {
    List<Integer> seen = new ArrayList<>();
    EGraph<Term, Known> graph =
        new EGraph<>(
            Arithmetic::kind,
            new Arithmetic.Folding() {
              @Override
              public void modify(EGraph<Term, Known> owner, int id) {
                seen.add(id);
              }
            });
    int x = symbol(graph, "x");
    int y = symbol(graph, "y");
    int shifted = graph.add(new Term.Shift(1), x);
    graph.rebuild();
    assertTrue(seen.containsAll(List.of(x, y, shifted)), "new classes");
    seen.clear();
    graph.union(x, y, "given");
    graph.rebuild();
    assertEquals(List.of(graph.find(x)), seen, "merged classes");
    seen.clear();
    graph.union(x, number(graph, 3), "given");
    graph.rebuild();
    assertTrue(seen.containsAll(List.of(graph.find(x), shifted)), "classes that learned something");
    seen.clear();
    graph.rebuild();
    assertEquals(List.of(), seen);
  }

  @Test
  void aContradictionNamesTheRuleAndChangesNothing() {
    var graph = Arithmetic.graph();
    int two = number(graph, 2);
    int three = number(graph, 3);
    EGraphException objection =
        assertThrows(EGraphException.class, () -> graph.union(two, three, "two-is-three"));
    assertTrue(objection.toString().contains("two-is-three"), objection::toString);
    assertTrue(objection.toString().contains("2 is not 3"), objection::toString);
    assertEquals(2, graph.classCount());
    assertTrue(graph.find(two) != graph.find(three));
  }

  @Test
  void aContradictionThatFollowsIsCaughtToo() {
    var graph = Arithmetic.graph();
    int x = symbol(graph, "x");
    int term = sum(graph, x, number(graph, 1));
    graph.union(term, number(graph, 5), "given");
    graph.union(x, number(graph, 3), "wrong");
    EGraphException objection = assertThrows(EGraphException.class, graph::rebuild);
    assertTrue(objection.toString().contains("Sum"), objection::toString);
  }

  @Test
  void anOperatorThatDoesNotFitIsNotAdded() {
    EGraph<Term, Known> graph =
        new EGraph<>(
            Arithmetic::kind,
            new Arithmetic.Folding() {
              @Override
              public Known make(EGraph<Term, Known> owner, Term op, int[] kids) {
                if (op instanceof Term.Sum && kids.length != 2) {
                  throw new IllegalArgumentException("a sum has two operands");
                }
                return super.make(owner, op, kids);
              }
            });
    int x = symbol(graph, "x");
    assertThrows(IllegalArgumentException.class, () -> graph.add(new Term.Sum(), x));
    assertEquals(1, graph.nodeCount());
    assertEquals(0, graph.parents(x).length);
    assertThrows(EGraphException.class, () -> function(graph, "f", 5));
    assertEquals(1, graph.nodeCount());
    assertEquals(1, function(graph, "f", x));
  }

  @Test
  void printsClassesWithDataAndOrigins() {
    var graph = Arithmetic.graph();
    int x = symbol(graph, "x");
    int term = sum(graph, x, number(graph, 0));
    new Runner<>(Arithmetic.simplifications(), Limits.forSize(3)).run(graph);
    sum(graph, term, product(graph, number(graph, 2), number(graph, 3)));
    graph.rebuild();
    assertEquals(
        """
        c0 : Known[value=Optional.empty]
          #0 Symbol[name=x]
          #2 Sum[](c0, c1)
        c1 : Known[value=Optional[0]]
          #1 Constant[value=0]
        c3 : Known[value=Optional[2]]
          #3 Constant[value=2]
        c4 : Known[value=Optional[3]]
          #4 Constant[value=3]
        c5 : Known[value=Optional[6]]
          #5 Product[](c3, c4)
          #7 Constant[value=6] by analysis
        c6 : Known[value=Optional.empty]
          #6 Sum[](c0, c5)
        """,
        EGraphText.of(graph));
    assertEquals("Sum[](Symbol[name=x], Product[](c3, c4))", EGraphText.term(graph, 6, 2));
    assertThrows(EGraphException.class, () -> graph.explain(0, 1));
    assertEquals(List.of(new Step("add-zero", 2, 0)), graph.explain(2, 0));
  }
}
