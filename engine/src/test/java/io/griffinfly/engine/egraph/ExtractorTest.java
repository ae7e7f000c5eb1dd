package io.griffinfly.engine.egraph;

import static io.griffinfly.engine.egraph.Arithmetic.function;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.Arithmetic.Known;
import io.griffinfly.engine.egraph.Arithmetic.Term;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtractorTest {
  private static final double EXACT = 1e-9;

  /// Costs by function name.
  private final Map<String, Double> prices = new HashMap<>();

  private final EGraph<Term, Known> graph = Arithmetic.graph();
  private final int[] roots = new int[2];

  private int priced(String name, double price, int... kids) {
    prices.put(name, price);
    return function(graph, name, kids);
  }

  private Extraction extract(int... roots) {
    graph.rebuild();
    CostModel<Term, Known> model =
        (_, node) -> prices.getOrDefault(((Term.Function) graph.op(node)).name(), Double.NaN);
    return checked(graph, model, new Extractor<>(graph, model, 4).extract(roots), roots);
  }

  /// Whatever is extracted must be complete, ordered, of live nodes, and cost what it says.
  private static Extraction checked(
      EGraph<Term, Known> graph,
      CostModel<Term, Known> model,
      Extraction extraction,
      int... roots) {
    boolean[] done = new boolean[graph.nodeCount()];
    double cost = 0;
    for (int node : extraction.order()) {
      assertFalse(graph.isDead(node));
      assertEquals(node, extraction.node(graph.find(node)));
      for (int kid : graph.kids(node)) {
        assertTrue(done[kid], () -> "class " + kid + " comes after its user " + node);
      }
      assertFalse(done[graph.find(node)], () -> "class of " + node + " comes twice");
      done[graph.find(node)] = true;
      cost += model.cost(graph, node);
    }
    for (int root : roots) {
      assertTrue(done[graph.find(root)]);
    }
    Extraction.Costs costs = extraction.costs();
    assertEquals(cost, costs.result(), EXACT * (1 + cost));
    assertEquals(costs.result(), costs.incremental(), EXACT * (1 + cost));
    assertTrue(costs.result() <= costs.start() + EXACT, costs::toString);
    return extraction;
  }

  @Test
  void aSharedClassCountsOnce() {
    int shared = priced("shared", 10);
    int root = priced("root", 0, priced("a", 1, shared), priced("b", 1, shared));
    graph.union(root, priced("direct", 13), "given");
    assertEquals(12, extract(root).costs().result());
  }

  @Test
  void severalRootsAreChosenTogether() {
    int shared = priced("shared", 10);
    int a = priced("a", 8);
    int b = priced("b", 8);
    graph.union(a, priced("a-shared", 1, shared), "given");
    graph.union(b, priced("b-shared", 1, shared), "given");
    assertEquals(8, extract(a).costs().result());
    assertEquals(12, extract(a, b).costs().result());
    assertEquals(12, extract(a, b, a).costs().result());
  }

  @Test
  void theOldestTermIsTheInput() {
    int x = priced("x", 1);
    int slow = priced("slow", 5, x);
    graph.union(slow, priced("fast", 2, x), "given");
    int outside = priced("outside", 1);
    Extraction extraction = extract(slow);
    assertEquals(6, extraction.costs().input());
    assertEquals(3, extraction.costs().result());
    assertTrue(extraction.contains(x));
    assertFalse(extraction.contains(outside));
    assertEquals(extraction.node(slow), extraction.node(graph.find(slow)));
    assertThrows(EGraphException.class, () -> extraction.node(outside));
  }

  @Test
  void cyclesAreNeverChosen() {
    int a = priced("a", 10);
    int b = priced("b", 10);
    graph.union(a, priced("f", 0, b), "given");
    graph.union(b, priced("g", 0, a), "given");
    assertEquals(10, extract(a, b).costs().result());
    int c = priced("c", 7);
    graph.union(c, priced("same", 0, c), "given");
    assertEquals(7, extract(c).costs().result());
  }

  @Test
  void forbiddenNodesAreAvoidedOrReported() {
    int x = priced("x", 1);
    int raised = priced("raised", Double.POSITIVE_INFINITY, x);
    EGraphException refusal = assertThrows(EGraphException.class, () -> extract(raised));
    assertTrue(refusal.toString().contains("raised"), refusal::toString);
    graph.union(raised, priced("lowered", 4, x), "given");
    Extraction extraction = extract(raised);
    assertEquals(5, extraction.costs().result());
    assertEquals(Double.POSITIVE_INFINITY, extraction.costs().input());
  }

  @Test
  void nonsenseCostsAreRefused() {
    int x = priced("x", -1);
    assertThrows(EGraphException.class, () -> extract(x));
    prices.put("x", Double.NaN);
    assertThrows(EGraphException.class, () -> extract(x));
  }

  /// Two results that look cheaper apart, because bystanders seem to share what they use, and pay
  /// only if both change; neither alone saves anything.
  ///
  /// @param isDeepBefore whether each result has a class of its own between it and what it shares
  ///   apart
  /// @param isDeepAfter the same for what they share together
  private Bundle onlyTogether(boolean isDeepBefore, boolean isDeepAfter) {
    int apart = priced("apart", 20);
    int together = priced("together", 15);
    List<Choice> choices = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int step = isDeepBefore ? priced("step" + i, 0, apart) : apart;
      int result = priced("result" + i, 0, step);
      int merged = isDeepAfter ? priced("merged" + i, 0, together) : together;
      int part = priced("part" + i, 0, merged);
      graph.union(result, part, "merge");
      choices.add(new Choice(result, part));
      int bystander = priced("bystander" + i, 0);
      graph.union(bystander, priced("never" + i, 100, apart), "given");
      roots[i] = priced("root" + i, 0, result, bystander);
    }
    return new Bundle("merge", choices);
  }

  @Test
  void aBundleFindsWhatNoOtherMoveFinds() {
    Bundle bundle = onlyTogether(true, true);
    assertEquals(20, extract(roots).costs().result());
    graph.addBundle(bundle);
    graph.addBundle(bundle);
    assertEquals(List.of(bundle), graph.bundles());
    Extraction.Costs costs = extract(roots).costs();
    assertEquals(15, costs.result());
    assertEquals(
        List.of(0, 1, 0), List.of(costs.singleMoves(), costs.bundleMoves(), costs.jointMoves()));
    prices.put("together", 21.0);
    assertEquals(20, extract(roots).costs().result(), "a bundle that does not pay is left");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allUsersOfAClassMoveTogether(boolean isDeepBefore) {
    onlyTogether(isDeepBefore, !isDeepBefore);
    Extraction.Costs costs = extract(roots).costs();
    assertEquals(15, costs.result());
    assertEquals(1, costs.jointMoves());
  }

  @Test
  void aBundleOfStrangersIsAnError() {
    int a = priced("a", 1);
    int b = priced("b", 1);
    graph.addBundle(new Bundle("wrong", List.of(new Choice(a, b))));
    EGraphException refusal = assertThrows(EGraphException.class, () -> extract(a));
    assertTrue(refusal.toString().contains("wrong"), refusal::toString);
  }

  /// The tree cost of this graph is 2^120 times larger than its cost; with 2000 layers it is
  /// infinite.
  @Test
  void depthDoesNotOverflow() {
    for (int layers : new int[] {120, 2000}) {
      int x = priced("x", 1);
      for (int i = 0; i < layers; i++) {
        int slow = priced("slow" + i, 4, x, x);
        int left = priced("left" + i, 1, slow, x);
        int right = priced("right" + i, 1, slow, x);
        graph.union(slow, priced("fast" + i, 3, x), "faster");
        x = priced("join" + i, 1, left, right);
      }
      Extraction extraction = extract(x);
      assertEquals(1 + 7 * layers, extraction.costs().input());
      assertEquals(1 + 6 * layers, extraction.costs().result());
    }
  }

  /// The optimum takes luck or an exponential search. What is asserted beyond validity is what the
  /// moves reach on these cases; without joint moves it is 86 of 100 at three layers.
  @ParameterizedTest
  @CsvSource({"LOOPS, 99", "TWO_LAYERS, 94", "THREE_LAYERS, 92"})
  void agreesWithBruteForce(RandomTerms.Family family, int percent) {
    int optimal = 0;
    int cases = 200;
    for (int seed = 0; seed < cases; seed++) {
      RandomTerms random = new RandomTerms(family, seed);
      Extraction extraction =
          new Extractor<>(random.graph(), random::cost, 4).extract(random.roots());
      checked(random.graph(), random::cost, extraction, random.roots());
      double best = random.leastCost();
      double found = extraction.costs().result();
      assertTrue(found >= best - EXACT, () -> "better than possible: " + extraction.costs());
      optimal += found <= best + EXACT ? 1 : 0;
    }
    int reached = optimal;
    assertTrue(100 * optimal >= percent * cases, () -> reached + " of " + cases + " optimal");
  }
}
