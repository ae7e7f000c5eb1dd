package io.griffinfly.engine.egraph;

import static io.griffinfly.engine.egraph.Arithmetic.SUM;
import static io.griffinfly.engine.egraph.Arithmetic.function;
import static io.griffinfly.engine.egraph.Arithmetic.known;
import static io.griffinfly.engine.egraph.Arithmetic.number;
import static io.griffinfly.engine.egraph.Arithmetic.product;
import static io.griffinfly.engine.egraph.Arithmetic.rewrite;
import static io.griffinfly.engine.egraph.Arithmetic.sum;
import static io.griffinfly.engine.egraph.Arithmetic.symbol;
import static io.griffinfly.engine.egraph.Pattern.node;
import static io.griffinfly.engine.egraph.Pattern.var;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.Arithmetic.Known;
import io.griffinfly.engine.egraph.Arithmetic.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RunnerTest {
  private static final Limits AMPLE = Limits.forSize(10_000);

  static IntStream seeds() {
    return IntStream.range(0, 40);
  }

  private static Report run(
      List<Rewrite<Term, Known>> rules, EGraph<Term, Known> graph, Limits limits) {
    return new Runner<>(rules, limits).run(graph);
  }

  private static List<Rewrite<Term, Known>> allRules() {
    List<Rewrite<Term, Known>> rules = new ArrayList<>(Arithmetic.simplifications());
    rules.addAll(Arithmetic.explosions());
    return rules;
  }

  /// A random term of sums and products over a few unknowns and small numbers.
  private static EGraph<Term, Known> random(int seed) {
    Random random = new Random(seed);
    var graph = Arithmetic.graph();
    for (int i = 0; i < 3; i++) {
      symbol(graph, "s" + i);
      number(graph, i);
    }
    for (int i = 0; i < 12; i++) {
      int a = random.nextInt(graph.nodeCount());
      int b = random.nextInt(graph.nodeCount());
      if (random.nextBoolean()) {
        sum(graph, a, b);
      } else {
        product(graph, a, b);
      }
    }
    return graph;
  }

  @Test
  void simplifiesAndExtracts() {
    var graph = Arithmetic.graph();
    int a = symbol(graph, "a");
    int term =
        sum(
            graph,
            product(graph, number(graph, 1), sum(graph, a, number(graph, 0))),
            product(graph, a, number(graph, 0)));
    Report report = run(Arithmetic.simplifications(), graph, AMPLE);
    assertEquals(Report.Stop.SATURATED, report.stop());
    assertEquals(graph.find(a), graph.find(term));
    Extraction extraction = new Extractor<>(graph, (_, _) -> 1, 4).extract(term);
    assertEquals(a, extraction.node(graph.find(term)));
    assertEquals(1, extraction.costs().result());
    assertEquals("input", graph.origin(a));
    List<String> reasons = graph.explain(term, a).stream().map(Step::rule).toList();
    assertTrue(
        reasons.containsAll(List.of("add-zero", "times-one", "times-zero")), reasons::toString);
  }

  @Test
  void factorsWithSharedOperandsInAnyOrder() {
    for (int order = 0; order < 4; order++) {
      var graph = Arithmetic.graph();
      int x = symbol(graph, "x");
      int a = symbol(graph, "a");
      int b = symbol(graph, "b");
      int left = (order & 1) == 0 ? product(graph, x, a) : product(graph, a, x);
      int right = (order & 2) == 0 ? product(graph, x, b) : product(graph, b, x);
      int term = sum(graph, left, right);
      run(Arithmetic.simplifications(), graph, AMPLE);
      int factored = product(graph, x, sum(graph, a, b));
      assertEquals(graph.find(factored), graph.find(term), "order " + order);
    }
  }

  /// Searching only near changes must find what searching everywhere finds: the second runner
  /// forgets after each iteration what it has seen.
  @ParameterizedTest
  @MethodSource("seeds")
  void visitingOnlyChangesMissesNothing(int seed) {
    EGraph<Term, Known> near = random(seed);
    EGraph<Term, Known> everywhere = random(seed);
    run(allRules(), near, AMPLE.withIterations(4));
    for (int i = 0; i < 4; i++) {
      run(allRules(), everywhere, AMPLE.withIterations(1));
    }
    assertEquals(EGraphText.of(everywhere), EGraphText.of(near));
    assertEquals(List.of(), EGraphAudit.complaints(near, new Arithmetic.Folding()));
    assertNotEquals(random(seed).liveCount(), near.liveCount());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void repeatsExactly(int seed) {
    EGraph<Term, Known> first = random(seed);
    EGraph<Term, Known> second = random(seed);
    Report one = run(allRules(), first, AMPLE.withIterations(4));
    Report two = run(allRules(), second, AMPLE.withIterations(4));
    assertEquals(EGraphText.of(first), EGraphText.of(second));
    for (int i = 0; i < one.rules().size(); i++) {
      assertEquals(one.rules().get(i).matches(), two.rules().get(i).matches());
      assertEquals(one.rules().get(i).unions(), two.rules().get(i).unions());
    }
    int root = first.nodeCount() - 1;
    CostModel<Term, Known> model = (graph, node) -> graph.kind(node) + 1;
    assertEquals(
        IntStream.of(new Extractor<>(first, model, 4).extract(root).order()).boxed().toList(),
        IntStream.of(new Extractor<>(second, model, 4).extract(root).order()).boxed().toList());
  }

  private static Limits stopping(Report.Stop stop) {
    return switch (stop) {
      case SATURATED -> AMPLE;
      case ITERATIONS -> AMPLE.withIterations(2);
      case NODES -> new Limits(100, 150, 100_000, 1, Long.MAX_VALUE);
      case CLOCK -> new Limits(100, 100_000, 100_000, 1, -1);
    };
  }

  @ParameterizedTest
  @EnumSource
  void everyStopLeavesAValidGraph(Report.Stop stop) {
    EGraph<Term, Known> graph = random(3);
    int root = graph.nodeCount() - 1;
    List<Rewrite<Term, Known>> rules =
        stop == Report.Stop.SATURATED ? Arithmetic.simplifications() : allRules();
    Report report = run(rules, graph, stopping(stop));
    assertEquals(stop, report.stop());
    assertEquals(graph.liveCount(), report.nodes());
    assertEquals(graph.classCount(), report.classes());
    assertEquals(List.of(), EGraphAudit.complaints(graph, new Arithmetic.Folding()));
    Extraction extraction = new Extractor<>(graph, (_, _) -> 1, 4).extract(root);
    assertTrue(extraction.costs().result() <= extraction.costs().input());
    if (stop == Report.Stop.NODES) {
      assertTrue(report.nodes() < 300, () -> report.nodes() + " nodes");
    }
  }

  @Test
  void aRuleWithTooManyMatchesSitsOut() {
    var graph = Arithmetic.graph();
    int[] terms = new int[100];
    for (int i = 0; i < terms.length; i++) {
      terms[i] = sum(graph, symbol(graph, "s" + i), number(graph, 0));
    }
    Report report =
        run(Arithmetic.simplifications(), graph, new Limits(20, 10_000, 30, 2, Long.MAX_VALUE));
    assertEquals(2, report.fired("add-zero").bans(), "30, then 60 are too few, 120 are not");
    assertEquals(100, report.fired("add-zero").unions());
    assertEquals(Report.Stop.SATURATED, report.stop());
    for (int i = 0; i < terms.length; i++) {
      assertEquals(graph.find(symbol(graph, "s" + i)), graph.find(terms[i]));
    }
  }

  @Test
  void otherRulesGoOnDuringABan() {
    var graph = Arithmetic.graph();
    for (int i = 0; i < 10; i++) {
      sum(graph, symbol(graph, "s" + i), number(graph, 0));
    }
    int term = symbol(graph, "s");
    int deep = term;
    for (int i = 0; i < 5; i++) {
      deep = product(graph, deep, number(graph, 1));
    }
    Limits limits = new Limits(1, 10_000, 7, 5, Long.MAX_VALUE);
    Report report = run(Arithmetic.simplifications(), graph, limits);
    assertEquals(1, report.fired("add-zero").bans());
    assertEquals(0, report.fired("add-zero").matches());
    assertEquals(graph.find(term), graph.find(deep));
  }

  @Test
  void appliersDoNotSeeEachOthersUnions() {
    var graph = Arithmetic.graph();
    int a = sum(graph, symbol(graph, "a"), number(graph, 0));
    int b = sum(graph, symbol(graph, "b"), number(graph, 0));
    List<Integer> counts = new ArrayList<>();
    Rewrite<Term, Known> rule =
        rewrite(
            "count",
            node(SUM, var("x"), known("zero", 0)),
            (match, edit) -> {
              counts.add(edit.graph().classCount());
              edit.equate(a, b);
              return match.get("x");
            });
    Report report = run(List.of(rule), graph, AMPLE.withIterations(1));
    assertEquals(List.of(5, 5), counts);
    assertEquals(3, report.fired("count").unions());
    assertEquals(2, graph.classCount());
  }

  @Test
  void failuresNameTheRule() {
    var graph = Arithmetic.graph();
    function(graph, "f", symbol(graph, "a"));
    Pattern call = Arithmetic.function("f", var("x"));
    Guard<Term, Known> broken =
        _ -> {
          throw new IllegalStateException("no idea");
        };
    for (Rewrite<Term, Known> rule :
        List.of(
            new Rewrite<>("bad-guard", Exactness.EXACT, call, broken, (_, _) -> EGraph.NONE),
            rewrite("bad-applier", call, (_, edit) -> edit.add(new Term.Sum(), 99, 99)),
            rewrite("bad-name", call, (match, _) -> match.get("y")))) {
      EGraphException failure =
          assertThrows(EGraphException.class, () -> run(List.of(rule), graph, AMPLE));
      assertTrue(failure.toString().contains(rule.name()), failure::toString);
      assertTrue(failure.toString().contains("Function[name=f]"), failure::toString);
    }
  }
}
