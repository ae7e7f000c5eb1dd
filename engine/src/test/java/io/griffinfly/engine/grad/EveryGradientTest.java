package io.griffinfly.engine.grad;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.OpSamples;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operation in the middle of a graph: something before it, something after it, and an
/// upstream gradient that differs from element to element.
class EveryGradientTest {
  private static final Set<ScalarFn> POSITIVE_ONLY =
      Set.of(
          ScalarFn.LOG,
          ScalarFn.SQRT,
          ScalarFn.RSQRT,
          ScalarFn.RECIPROCAL,
          ScalarFn.DIV,
          ScalarFn.POW);

  /// What refuses to be differentiated.
  private static final Set<Class<? extends Op>> REFUSED =
      Set.of(Norm.RmsNormGrad.class, Attention.AttendGrad.class, Loss.CrossEntropyGrad.class);

  private static List<OpSamples.Sample> samples() {
    return OpSamples.of(DType.F64);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void agreesWithFiniteDifferences(OpSamples.Sample sample) {
    Case mid = new Case(sample);
    Graph graph = mid.build();
    if (REFUSED.contains(sample.op().getClass())) {
      var e = assertThrows(GraphException.class, () -> GradientCheck.check(graph, mid.values));
      assertTrue(String.valueOf(e.getMessage()).contains("itself a gradient"), e::getMessage);
    } else {
      GradientCheck.check(graph, mid.values);
    }
  }

  /// One operation in the middle of a graph, and values for the graph's inputs.
  private static final class Case {
    final OpSamples.Sample sample;
    final GraphBuilder g = new GraphBuilder();
    final Map<String, Tensor> values = new HashMap<>();
    final Random random;

    Case(OpSamples.Sample sample) {
      this.sample = sample;
      this.random = new Random(sample.toString().hashCode());
    }

    Graph build() {
      List<Node> operands = new ArrayList<>();
      for (OpSamples.Operand operand : sample.operands()) {
        operands.add(operand(operand));
      }
      List<Node> results = sample.apply(g, operands);
      if (sample.op() instanceof Attention.Attend) {
        results = results.subList(0, 1); // the log-denominators have no gradient of their own
      }
      if (sample.op() instanceof Leaf.State) {
        return loss(List.of(real(results.getFirst().type()))); // states are leaves as inputs are
      }
      if (sample.op() instanceof Leaf.Input(String name, TensorType type)) {
        values.put(name, numbers(type));
      }
      return loss(results);
    }

    private Node operand(OpSamples.Operand operand) {
      TensorType type = operand.type();
      if (!type.dtype().isFloat()) {
        Node node = g.add(new Leaf.Input("i" + values.size(), type));
        Tensor tensor = Tensor.zeros(type);
        for (int i = 0; i < tensor.size(); i++) {
          tensor.setDouble(i, random.nextInt(operand.limit()));
        }
        values.put("i" + values.size(), tensor);
        return node;
      }
      Node x = real(type);
      return g.add(x, g.scale(g.mul(x, x), 0.1));
    }

    private Node real(TensorType type) {
      String name = "x" + values.size();
      values.put(name, numbers(type));
      return g.add(new Leaf.Input(name, type));
    }

    /// Numbers at least 0.05 apart within a tensor, 0.006 from those of another and from zero, so
    /// that no step crosses a kink.
    private Tensor numbers(TensorType type) {
      int count = Math.toIntExact(type.shape().size());
      boolean positive =
          sample.op() instanceof Elementwise.Map(ScalarFn fn) && POSITIVE_ONLY.contains(fn);
      List<Double> numbers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        numbers.add(0.05 * (positive ? i + 10 : i - count / 2) + 0.013 * (values.size() + 0.5));
      }
      Collections.shuffle(numbers, random);
      double[] shuffled = numbers.stream().mapToDouble(Double::doubleValue).toArray();
      return Tensor.of(shuffled, type.shape().dims());
    }

    /// Σ over the results of projection·(r·q + r²/4) with another input q.
    private Graph loss(List<Node> results) {
      Node loss = g.constant(DType.F64, 0);
      for (Node result : results) {
        Node r = g.cast(result, DType.F64);
        Node after = g.add(g.mul(r, real(r.type())), g.scale(g.mul(r, r), 0.25));
        double[] projection = random.doubles(r.shape().size(), -1, 1).toArray();
        Node weighted = g.mul(after, g.constant(Literal.of(r.type(), projection)));
        int[] all = new int[r.shape().rank()];
        java.util.Arrays.setAll(all, axis -> axis);
        loss = g.add(loss, g.sum(weighted, false, all));
      }
      return g.build(loss);
    }
  }
}
