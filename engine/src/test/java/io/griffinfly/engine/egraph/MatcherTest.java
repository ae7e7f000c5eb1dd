package io.griffinfly.engine.egraph;

import static io.griffinfly.engine.egraph.Arithmetic.FUNCTION;
import static io.griffinfly.engine.egraph.Arithmetic.PRODUCT;
import static io.griffinfly.engine.egraph.Arithmetic.SHIFT;
import static io.griffinfly.engine.egraph.Arithmetic.SUM;
import static io.griffinfly.engine.egraph.Arithmetic.SYMBOL;
import static io.griffinfly.engine.egraph.Arithmetic.known;
import static io.griffinfly.engine.egraph.Pattern.anyArity;
import static io.griffinfly.engine.egraph.Pattern.anyOf;
import static io.griffinfly.engine.egraph.Pattern.node;
import static io.griffinfly.engine.egraph.Pattern.var;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.Arithmetic.Known;
import io.griffinfly.engine.egraph.Arithmetic.Term;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Compiled patterns against a recursive matcher that follows the definition, on random e-graphs.
class MatcherTest {
  static final List<Pattern> PATTERNS =
      List.of(
          node(SUM, var("x"), var("y")).as("root"),
          node(SUM, var("x"), var("x")),
          node(SUM, var("x"), known("zero", 0)).commutative(),
          node(SUM, node(PRODUCT, var("x"), var("a")), node(PRODUCT, var("x"), var("b"))),
          node(
                  SUM,
                  node(PRODUCT, var("x"), var("a")).as("left").commutative(),
                  node(PRODUCT, var("x"), var("b")).as("right").commutative())
              .commutative(),
          node(SHIFT, node(SUM, var("x"), node(SYMBOL).as("symbol")).commutative())
              .where(Term.Shift.class, shift -> shift.bits() == 1),
          node(PRODUCT, anyOf(node(SUM, var("x"), var("y")), node(SHIFT, var("x"))), var("x")),
          anyOf(
              node(SHIFT, var("x")),
              node(PRODUCT, var("x"), known("two", 2)),
              node(SUM, var("x"), var("x"))),
          anyArity(FUNCTION).as("call"),
          node(FUNCTION, var("x"), anyOf(anyArity(FUNCTION).as("inner"), var("x")), var("y")),
          node(SUM, node(SUM, node(SUM, var("a"), var("b")), var("c")).commutative(), var("a")),
          node(FUNCTION).where(Term.Function.class, f -> f.name().equals("f0")));

  private static EGraph<Term, Known> random(int seed) {
    Random random = new Random(seed);
    var graph = Arithmetic.graph();
    for (int i = 0; i < 4; i++) {
      Arithmetic.symbol(graph, "s" + i);
      Arithmetic.number(graph, i);
    }
    for (int i = 0; i < 50; i++) {
      int a = random.nextInt(Math.min(14, graph.nodeCount()));
      int b = random.nextInt(Math.min(14, graph.nodeCount()));
      switch (random.nextInt(5)) {
        case 0 -> Arithmetic.sum(graph, a, b);
        case 1 -> Arithmetic.product(graph, a, b);
        case 2 -> graph.add(new Term.Shift(random.nextInt(2)), a);
        case 3 ->
            Arithmetic.function(
                graph,
                "f" + random.nextInt(2),
                random.nextBoolean() ? new int[0] : new int[] {a, b, a});
        default -> {
          if (graph.data(a).value().isEmpty() && graph.data(b).value().isEmpty()) {
            graph.union(a, b, "random");
          }
        }
      }
    }
    return graph;
  }

  @ParameterizedTest
  @FieldSource("PATTERNS")
  void findsWhatTheDefinitionFinds(Pattern pattern) {
    int found = 0;
    for (int seed = 0; seed < 30; seed++) {
      EGraph<Term, Known> graph = random(seed);
      try {
        graph.rebuild();
      } catch (EGraphException contradiction) {
        continue;
      }
      Set<Map<String, Integer>> expected = new HashSet<>();
      for (int root = 0; root < graph.nodeCount(); root++) {
        int node = root;
        if (!graph.isDead(root)) {
          naive(graph, pattern, graph.find(root), Map.of())
              .filter(match -> match.getOrDefault("?root", EGraph.NONE) == node)
              .forEach(expected::add);
        }
      }
      Set<Map<String, Integer>> actual = compiled(graph, pattern);
      assertEquals(expected, actual, "seed " + seed);
      found += actual.size();
    }
    assertTrue(found > 0, "the pattern never matched");
  }

  /// All ways to match a pattern in a class, each as names with their ids; the first node bound is
  /// the root's.
  private static Stream<Map<String, Integer>> naive(
      EGraph<Term, Known> graph, Pattern pattern, int id, Map<String, Integer> bound) {
    return switch (pattern) {
      case Pattern.AnyOf anyOf ->
          anyOf.alternatives().stream().flatMap(shape -> naive(graph, shape, id, bound));
      case Pattern.Variable variable ->
          variable.test().test(graph.data(id)) && bound.getOrDefault(variable.name(), id) == id
              ? Stream.of(with(bound, variable.name(), id))
              : Stream.of();
      case Pattern.Node node ->
          IntStream.of(graph.nodes(id))
              .boxed()
              .filter(
                  found -> graph.kind(found) == node.kind() && node.test().test(graph.op(found)))
              .flatMap(found -> naiveNode(graph, node, found, bound));
    };
  }

  private static Stream<Map<String, Integer>> naiveNode(
      EGraph<Term, Known> graph, Pattern.Node pattern, int node, Map<String, Integer> bound) {
    Map<String, Integer> next = bound.containsKey("?root") ? bound : with(bound, "?root", node);
    Map<String, Integer> named = pattern.name().isEmpty() ? next : with(next, pattern.name(), node);
    if (pattern.anyArity()) {
      return Stream.of(named);
    }
    int[] kids = graph.kids(node);
    if (kids.length != pattern.kids().size()) {
      return Stream.of();
    }
    Stream<Map<String, Integer>> straight = naiveKids(graph, pattern.kids(), kids, named);
    return pattern.isCommutative()
        ? Stream.concat(
            straight, naiveKids(graph, pattern.kids(), new int[] {kids[1], kids[0]}, named))
        : straight;
  }

  private static Stream<Map<String, Integer>> naiveKids(
      EGraph<Term, Known> graph, List<Pattern> patterns, int[] kids, Map<String, Integer> bound) {
    Stream<Map<String, Integer>> matches = Stream.of(bound);
    for (int i = 0; i < kids.length; i++) {
      int index = i;
      matches = matches.flatMap(match -> naive(graph, patterns.get(index), kids[index], match));
    }
    return matches;
  }

  private static Map<String, Integer> with(Map<String, Integer> bound, String name, int id) {
    Map<String, Integer> more = new HashMap<>(bound);
    more.put(name, id);
    return more;
  }

  private static Set<Map<String, Integer>> compiled(EGraph<Term, Known> graph, Pattern pattern) {
    Set<Map<String, Integer>> matches = new HashSet<>();
    Guard<Term, Known> collect =
        match -> {
          Map<String, Integer> bound = new HashMap<>(Map.of("?root", match.root()));
          for (String name : names(pattern)) {
            if (match.has(name)) {
              bound.put(name, isNode(pattern, name) ? match.node(name) : match.get(name));
            }
          }
          matches.add(bound);
          return false;
        };
    Rewrite<Term, Known> rule =
        new Rewrite<>("collect", Exactness.EXACT, pattern, collect, (_, _) -> EGraph.NONE);
    new Runner<>(List.of(rule), Limits.forSize(1000)).run(graph);
    return matches;
  }

  private static Set<String> names(Pattern pattern) {
    return switch (pattern) {
      case Pattern.Variable variable -> Set.of(variable.name());
      case Pattern.AnyOf anyOf -> names(anyOf.alternatives());
      case Pattern.Node node -> {
        Set<String> names = new HashSet<>(names(node.kids()));
        names.add(node.name());
        names.remove(Pattern.UNNAMED);
        yield names;
      }
    };
  }

  private static Set<String> names(List<Pattern> patterns) {
    Set<String> names = new HashSet<>();
    patterns.forEach(pattern -> names.addAll(names(pattern)));
    return names;
  }

  private static boolean isNode(Pattern pattern, String name) {
    return switch (pattern) {
      case Pattern.Variable _ -> false;
      case Pattern.AnyOf anyOf -> anyOf.alternatives().stream().anyMatch(p -> isNode(p, name));
      case Pattern.Node node ->
          node.name().equals(name) || node.kids().stream().anyMatch(p -> isNode(p, name));
    };
  }

  @Test
  void aMatchGivesOperatorsClassesAndData() {
    var graph = Arithmetic.graph();
    int a = Arithmetic.symbol(graph, "a");
    int shifted = graph.add(new Term.Shift(3), a);
    int sum = Arithmetic.sum(graph, shifted, Arithmetic.number(graph, 7));
    Pattern left = node(SUM, node(SHIFT, var("x")).as("shift"), var("n")).as("sum");
    Applier<Term, Known> right =
        (match, _) -> {
          assertEquals(sum, match.root());
          assertEquals(sum, match.node("sum"));
          assertEquals(a, match.get("x"));
          assertEquals(3, match.op("shift", Term.Shift.class).bits());
          assertTrue(match.data("n").is(7));
          assertThrows(EGraphException.class, () -> match.node("x"));
          assertThrows(EGraphException.class, () -> match.get("y"));
          return match.get("n");
        };
    Report report =
        new Runner<>(List.of(Arithmetic.rewrite("look", left, right)), Limits.forSize(4))
            .run(graph);
    assertEquals(1, report.fired("look").unions());
  }

  static final List<Pattern> NONSENSE =
      List.of(
          var("x"),
          node(SUM, node(SHIFT, var("x")).as("x"), var("y")),
          node(SUM, node(SHIFT, var("x")).as("s"), node(SHIFT, var("x")).as("s")));

  @ParameterizedTest
  @FieldSource("NONSENSE")
  void nonsenseIsRefusedByName(Pattern pattern) {
    Rewrite<Term, Known> rule = Arithmetic.rewrite("nonsense", pattern, (_, _) -> EGraph.NONE);
    Runner<Term, Known> runner = new Runner<>(List.of(rule), Limits.forSize(1));
    EGraphException refusal =
        assertThrows(EGraphException.class, () -> runner.run(Arithmetic.graph()));
    assertTrue(refusal.toString().contains("nonsense"), refusal::toString);
  }

  @Test
  void onlyPairsCommute() {
    Pattern.Node single = node(SHIFT, var("x"));
    assertThrows(EGraphException.class, single::commutative);
  }
}
