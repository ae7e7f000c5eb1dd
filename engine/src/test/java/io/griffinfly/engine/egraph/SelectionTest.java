package io.griffinfly.engine.egraph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.Arithmetic.Known;
import io.griffinfly.engine.egraph.Arithmetic.Term;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The bookkeeping of an extraction under random swaps: after each, the order must be topological
/// and the cycle check, the uses and the cost must be what counting anew finds.
class SelectionTest {
  private static final int SEEDS = 200;

  private static final class State {
    private final RandomTerms terms;
    private final int[] classes;
    private final StartChoice start;
    private final Selection selection;

    State(RandomTerms terms) {
      this.terms = terms;
      EGraph<Term, Known> graph = terms.graph();
      Scope scope = Scope.of(graph, terms::cost, terms.roots());
      classes = scope.classes();
      start = StartChoice.of(graph, scope);
      selection = new Selection(graph, scope, start);
      for (int root : terms.roots()) {
        selection.require(graph.find(root));
      }
    }

    /// The selection works on the arrays of the start.
    void check() {
      EGraph<Term, Known> graph = terms.graph();
      for (int id : classes) {
        for (int kid : graph.kids(selection.choice(id))) {
          assertTrue(start.positions()[kid] < start.positions()[id], "order of the positions");
        }
      }
      int[] uses = new int[graph.nodeCount()];
      double cost = 0;
      IntStream.of(terms.roots()).forEach(root -> uses[graph.find(root)]++);
      for (int id :
          IntStream.of(classes)
              .boxed()
              .sorted((a, b) -> start.positions()[b] - start.positions()[a])
              .toList()) {
        if (uses[id] > 0) {
          cost += terms.cost(graph, selection.choice(id));
          IntStream.of(graph.kids(selection.choice(id))).forEach(kid -> uses[kid]++);
        }
      }
      assertEquals(cost, selection.cost(), 1e-9);
      for (int id : classes) {
        assertEquals(uses[id], selection.uses(id));
      }
    }

    boolean reaches(int from, int to) {
      return from == to
          || IntStream.of(terms.graph().kids(selection.choice(from)))
              .anyMatch(kid -> reaches(kid, to));
    }
  }

  @ParameterizedTest
  @EnumSource
  void swapsKeepTheBooks(RandomTerms.Family family) {
    int cycles = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      State state = new State(new RandomTerms(family, seed));
      Random random = new Random(seed);
      state.check();
      for (int i = 0; i < 30; i++) {
        int id = state.classes[random.nextInt(state.classes.length)];
        int[] nodes = state.terms.graph().nodes(id);
        int node = nodes[random.nextInt(nodes.length)];
        int old = state.selection.choice(id);
        boolean isCycle =
            IntStream.of(state.terms.graph().kids(node)).anyMatch(kid -> state.reaches(kid, id));
        double before = state.selection.cost();
        double change = state.selection.swap(id, node);
        assertEquals(state.selection.cost(), before + change, 1e-9);
        assertEquals(!isCycle, state.selection.settle(id));
        if (isCycle) {
          cycles++;
          state.selection.swap(id, old);
        }
        state.check();
      }
    }
    assertEquals(family == RandomTerms.Family.LOOPS, cycles > 0);
  }

  /// Rejected and accepted moves of bundles leave the books as they should be.
  @ParameterizedTest
  @EnumSource
  void movesKeepTheBooks(RandomTerms.Family family) {
    for (int seed = 0; seed < SEEDS; seed++) {
      RandomTerms terms = new RandomTerms(family, seed);
      EGraph<Term, Known> graph = terms.graph();
      Random random = new Random(seed);
      for (int i = 0; i < 5; i++) {
        graph.addBundle(
            new Bundle(
                "random",
                random
                    .ints(2, 0, graph.nodeCount())
                    .mapToObj(node -> new Choice(graph.find(node), graph.live(node)))
                    .toList()));
      }
      State state = new State(terms);
      Scope scope = Scope.of(graph, terms::cost, terms.roots());
      Moves moves = new Moves(graph, scope, state.selection);
      double before = state.selection.cost();
      boolean isBetter = moves.round();
      state.check();
      assertEquals(isBetter, state.selection.cost() < before);
    }
  }
}
