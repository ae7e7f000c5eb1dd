package io.griffinfly.engine.egraph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.Arithmetic.Known;
import io.griffinfly.engine.egraph.Arithmetic.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The e-graph against congruence closure as the definition has it: terms in a list, all pairs
/// compared until nothing changes.
class CongruenceTest {
  static IntStream seeds() {
    return IntStream.range(0, 120);
  }

  /// The definition.
  private static final class Naive {
    private final List<Term> ops = new ArrayList<>();
    private final List<int[]> kids = new ArrayList<>();
    private final List<Integer> classes = new ArrayList<>();

    int add(Term op, int... operands) {
      ops.add(op);
      kids.add(operands);
      classes.add(classes.size());
      return classes.size() - 1;
    }

    void union(int a, int b) {
      int from = classes.get(a);
      int to = classes.get(b);
      classes.replaceAll(id -> id == from ? to : id);
    }

    void close() {
      boolean changed = true;
      while (changed) {
        changed = false;
        for (int a = 0; a < ops.size(); a++) {
          for (int b = 0; b < a; b++) {
            if (!isEqual(a, b) && isCongruent(a, b)) {
              union(a, b);
              changed = true;
            }
          }
        }
      }
    }

    boolean isEqual(int a, int b) {
      return classes.get(a).equals(classes.get(b));
    }

    private boolean isCongruent(int a, int b) {
      boolean isSame = ops.get(a).equals(ops.get(b)) && kids.get(a).length == kids.get(b).length;
      for (int i = 0; isSame && i < kids.get(a).length; i++) {
        isSame = isEqual(kids.get(a)[i], kids.get(b)[i]);
      }
      return isSame;
    }
  }

  /// The same random additions and unions on both.
  private static final class Script {
    private final EGraph<Term, Known> graph = Arithmetic.graph();
    private final Naive naive = new Naive();
    private final List<Integer> ids = new ArrayList<>();
    private final List<int[]> unions = new ArrayList<>();

    Script(int seed, boolean isRebuilding) {
      Random random = new Random(seed);
      int steps = 20 + random.nextInt(60);
      for (int i = 0; i < steps; i++) {
        int[] operands = i < 4 ? new int[0] : random.ints(random.nextInt(4), 0, i).toArray();
        Term op = new Term.Function("f" + random.nextInt(3));
        ids.add(graph.add(op, IntStream.of(operands).map(ids::get).toArray()));
        naive.add(op, operands);
        if (random.nextInt(6) == 0) {
          int a = random.nextInt(i + 1);
          int b = random.nextInt(i + 1);
          if (graph.union(ids.get(a), ids.get(b), "union" + unions.size())) {
            unions.add(new int[] {ids.get(a), ids.get(b)});
          }
          naive.union(a, b);
        }
        if (isRebuilding && random.nextInt(10) == 0) {
          graph.rebuild();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void agreesWithTheDefinition(int seed) {
    Script script = new Script(seed, true);
    script.graph.rebuild();
    script.naive.close();
    for (int a = 0; a < script.ids.size(); a++) {
      for (int b = 0; b < a; b++) {
        boolean isEqual =
            script.graph.find(script.ids.get(a)) == script.graph.find(script.ids.get(b));
        assertEquals(script.naive.isEqual(a, b), isEqual, "terms " + a + " and " + b);
      }
    }
    assertEquals(
        List.of(),
        EGraphAudit.complaints(script.graph, new Arithmetic.Folding()),
        "after a rebuild");
  }

  /// A chain of the proof may use only unions that were made, each link must start where the one
  /// before ended, and a congruence step must rest on proofs of its children.
  @ParameterizedTest
  @MethodSource("seeds")
  void proofsHold(int seed) {
    Script script = new Script(seed, true);
    script.graph.rebuild();
    EGraph<Term, Known> graph = script.graph;
    for (int i = 0; i < script.ids.size(); i++) {
      int a = script.ids.get(i);
      int b = script.ids.get((i * 7 + seed) % script.ids.size());
      int c = graph.lowest(a);
      check(script, graph.explain(a, c), a, c);
      if (graph.find(a) == graph.find(b)) {
        check(script, graph.explain(a, b), a, b);
      }
    }
  }

  private static void check(Script script, List<Step> proof, int a, int b) {
    Naive closure = new Naive();
    for (int i = 0; i < script.graph.nodeCount(); i++) {
      closure.add(new Term.Symbol("node" + i));
    }
    for (Step step : proof) {
      closure.union(step.left(), step.right());
      if (step.rule().equals(UnionLog.CONGRUENCE)) {
        assertEquals(script.graph.op(step.left()), script.graph.op(step.right()));
      } else {
        int[] union = script.unions.get(Integer.parseInt(step.rule().substring("union".length())));
        assertEquals(List.of(union[0], union[1]), List.of(step.left(), step.right()));
      }
    }
    assertTrue(closure.isEqual(a, b), () -> a + " = " + b + " by " + proof);
    NodeTable nodes = script.graph.nodeTable();
    for (Step step : proof) {
      for (int i = 0;
          step.rule().equals(UnionLog.CONGRUENCE) && i < nodes.kidCount(step.left());
          i++) {
        int left = nodes.given(step.left(), i);
        int right = nodes.given(step.right(), i);
        assertTrue(
            closure.isEqual(left, right), () -> left + " = " + right + " is not in " + proof);
      }
    }
  }

  @Test
  void theAuditSeesAMissingRebuild() {
    long caught =
        seeds()
            .mapToObj(seed -> new Script(seed, false))
            .filter(script -> script.graph.classCount() < script.graph.liveCount())
            .filter(
                script -> !EGraphAudit.complaints(script.graph, new Arithmetic.Folding()).isEmpty())
            .count();
    assertTrue(caught > 80, () -> "only " + caught + " broken e-graphs were noticed");
  }

  @Test
  void aDeepChainCollapses() {
    var graph = Arithmetic.graph();
    int depth = 100_000;
    int left = Arithmetic.symbol(graph, "a");
    int right = Arithmetic.symbol(graph, "b");
    int[] bottoms = {left, right};
    for (int i = 0; i < depth; i++) {
      left = Arithmetic.function(graph, "f", left);
      right = Arithmetic.function(graph, "f", right);
    }
    assertFalse(graph.find(left) == graph.find(right));
    graph.union(bottoms[0], bottoms[1], "given");
    graph.rebuild();
    assertEquals(graph.find(left), graph.find(right));
    assertEquals(depth + 1, graph.classCount());
    assertEquals(depth + 2, graph.liveCount());
  }
}
