package io.griffinfly.engine.opt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.EGraph;
import io.griffinfly.engine.egraph.Limits;
import io.griffinfly.engine.egraph.Report;
import io.griffinfly.engine.egraph.Rule;
import io.griffinfly.engine.egraph.Runner;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whatever the rules have put into one class must be equal: every live node is evaluated in double
/// precision from the values of its children's classes and compared with the class. This also finds
/// unsound interactions of rules that are sound alone.
class RuleAuditTest {
  /// Double precision over sums of a few dozen terms, with exponentials between.
  private static final double TOLERANCE = 1e-9;

  private static final int DRAWS = 40;

  @ParameterizedTest
  @EnumSource
  void everyMemberOfAClassIsEqualAndEveryRuleFires(RuleSet phase) {
    Set<String> silent = new HashSet<>();
    phase.rules().forEach(rule -> silent.add(rule.name()));
    for (int draw = 0; draw < DRAWS; draw++) {
      for (Graph graph : RuleCorpus.graphs(draw)) {
        Encoding encoding = new Encoding(graph);
        Report report =
            new Runner<Op, Fact>(phase.rules(), Limits.forSize(graph.nodes().size()))
                .run(encoding.egraph());
        report.rules().stream()
            .filter(rule -> rule.unions() > 0)
            .forEach(rule -> silent.remove(rule.name()));
        audit(encoding.egraph(), draw);
      }
    }
    assertEquals(Set.of(), silent, "rules that never fire");
  }

  @ParameterizedTest
  @EnumSource
  void ruleNamesAreUnique(RuleSet phase) {
    List<String> names = phase.rules().stream().map(Rule::name).toList();
    assertEquals(names.size(), new HashSet<>(names).size());
  }

  private static void audit(EGraph<Op, Fact> graph, long seed) {
    Map<Integer, Value> values = new HashMap<>();
    Random random = new Random(seed);
    for (int id = 0; id < graph.nodeCount(); id++) {
      if (graph.isClass(id)) {
        evaluate(graph, id, values, random);
      }
    }
    for (int node = 0; node < graph.nodeCount(); node++) {
      if (!graph.isDead(node) && !isVariable(graph.op(node))) {
        int current = node;
        Value expected = Objects.requireNonNull(values.get(graph.find(node)));
        double error = distance(expected, apply(graph, node, values));
        assertTrue(
            error <= TOLERANCE,
            () ->
                graph.op(current)
                    + ", made by "
                    + graph.origin(current)
                    + ", differs from its class by "
                    + error);
      }
    }
  }

  /// Evaluates the oldest term of a class; its children are older still.
  private static void evaluate(
      EGraph<Op, Fact> graph, int id, Map<Integer, Value> values, Random random) {
    List<Integer> stack = new ArrayList<>(List.of(graph.find(id)));
    while (!stack.isEmpty()) {
      int top = stack.getLast();
      int node = graph.lowest(top);
      List<Integer> missing = new ArrayList<>();
      for (int kid : graph.kids(node)) {
        if (!values.containsKey(kid)) {
          missing.add(kid);
        }
      }
      if (missing.isEmpty()) {
        stack.removeLast();
        if (!values.containsKey(top)) {
          values.put(
              top,
              isVariable(graph.op(node))
                  ? draw(graph.data(node).type(), random)
                  : apply(graph, node, values));
        }
      } else {
        stack.addAll(missing);
      }
    }
  }

  private static boolean isVariable(Op op) {
    return op instanceof Leaf.Input || op instanceof Leaf.State;
  }

  private static Value draw(TensorType type, Random random) {
    double[] data = new double[Math.toIntExact(type.shape().size())];
    for (int i = 0; i < data.length; i++) {
      data[i] = random.nextGaussian();
    }
    return Value.Array.of(type, data);
  }

  private static Value apply(EGraph<Op, Fact> graph, int node, Map<Integer, Value> values) {
    List<Value> operands = new ArrayList<>();
    for (int kid : graph.kids(node)) {
      operands.add(Objects.requireNonNull(values.get(kid)));
    }
    return Interpreter.apply(graph.op(node), operands);
  }

  /// Largest difference relative to the largest magnitude; infinite where one is no number.
  private static double distance(Value expected, Value actual) {
    return switch (expected) {
      case Value.Tuple(List<Value.Array> elements) -> {
        double worst = 0;
        for (int i = 0; i < elements.size(); i++) {
          worst =
              Math.max(worst, distance(elements.get(i), ((Value.Tuple) actual).elements().get(i)));
        }
        yield worst;
      }
      case Value.Array array -> {
        Value.Array other = (Value.Array) actual;
        double scale = 1e-300;
        double difference = 0;
        for (int i = 0; i < array.size(); i++) {
          if (array.get(i) != other.get(i)) {
            difference = Math.max(difference, Math.abs(array.get(i) - other.get(i)));
            if (Double.isNaN(array.get(i) - other.get(i))) {
              difference = Double.POSITIVE_INFINITY;
            }
          }
          if (Double.isFinite(array.get(i))) {
            scale = Math.max(scale, Math.abs(array.get(i)));
          }
        }
        yield difference / scale;
      }
    };
  }
}
