package io.griffinfly.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.Verifier;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Precision;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Each optimizer against its definition, written out by hand for one element at a time.
class OptimizerTest {
  private static final int SIZE = 7;
  private static final int STEPS = 25;

  /// The loss is Σ w·x, so the gradient is x, a fresh one for every step.
  private static Graph graph(Optimizer optimizer) {
    var g = new GraphBuilder();
    Node w = g.parameter("w", Initializer.ones(), SIZE);
    Node x = g.input("x", DType.F32, SIZE);
    Graph forward = g.build(g.sum(g.mul(w, x), false, 0));
    return Verifier.verify(TrainingGraph.of(forward, optimizer), "training graph");
  }

  /// The definition: from an element, its gradient and the step's number the next value.
  private interface Rule {
    double next(double w, double gradient, int step, double rate);
  }

  /// Walks the elements one after the other, each with a rule of its own that begins afresh.
  private static void check(
      Optimizer optimizer, double rate, java.util.function.Supplier<Rule> rules) {
    Random random = new Random(5);
    double[] first = random.doubles(SIZE, -1, 1).toArray();
    double[][] gradients = new double[STEPS][];
    for (int step = 0; step < STEPS; step++) {
      gradients[step] = random.doubles(SIZE, -1, 1).toArray();
    }
    double[][] expected = new double[STEPS][SIZE];
    for (int i = 0; i < SIZE; i++) {
      Rule rule = rules.get();
      double w = first[i];
      for (int step = 0; step < STEPS; step++) {
        w = rule.next(w, gradients[step][i], step + 1, step < 15 ? rate : rate / 10);
        expected[step][i] = w;
      }
    }
    Training training = new Training(graph(optimizer), Map.of("w", Tensor.of(first, SIZE)));
    for (int step = 0; step < STEPS; step++) {
      if (step == 15) {
        training.set(Optimizer.LEARNING_RATE, rate / 10);
      }
      training.step(Map.of("x", Tensor.of(gradients[step], SIZE)));
      assertArrayEquals(expected[step], training.get("w"), 1e-13, "step " + step);
    }
  }

  @Test
  void sgd() {
    check(Sgd.of(0.1), 0.1, () -> (w, g, _, rate) -> w - rate * g);
  }

  @Test
  void sgdWithWeightDecay() {
    check(Sgd.of(0.1).withWeightDecay(0.3), 0.1, () -> (w, g, _, rate) -> w - rate * (g + 0.3 * w));
  }

  private static java.util.function.Supplier<Rule> momentum(double decay, boolean nesterov) {
    return () ->
        new Rule() {
          private double velocity;

          @Override
          public double next(double w, double gradient, int step, double rate) {
            double g = gradient + decay * w;
            velocity = step == 1 ? g : 0.9 * velocity + g; // as PyTorch begins
            return w - rate * (nesterov ? g + 0.9 * velocity : velocity);
          }
        };
  }

  @Test
  void sgdWithMomentum() {
    check(Sgd.of(0.05).withMomentum(0.9), 0.05, momentum(0, false));
    check(Sgd.of(0.05).withMomentum(0.9).withWeightDecay(0.1), 0.05, momentum(0.1, false));
  }

  @Test
  void sgdWithNesterov() {
    check(Sgd.of(0.05).withNesterov(0.9).withWeightDecay(0.1), 0.05, momentum(0.1, true));
    assertThrows(IllegalArgumentException.class, () -> Sgd.of(1).withNesterov(0));
  }

  private static java.util.function.Supplier<Rule> adam(
      double beta1, double beta2, double epsilon, double decay, boolean decoupled) {
    return () ->
        new Rule() {
          private double m;
          private double v;

          @Override
          public double next(double w, double gradient, int step, double rate) {
            double shrunk = decoupled ? w * (1 - rate * decay) : w;
            double g = decoupled ? gradient : gradient + decay * w;
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            double mHat = m / (1 - Math.pow(beta1, step));
            double vHat = v / (1 - Math.pow(beta2, step));
            return shrunk - rate * mHat / (Math.sqrt(vHat) + epsilon);
          }
        };
  }

  @Test
  void adam() {
    check(Adam.of(0.01), 0.01, adam(0.9, 0.999, 1e-8, 0, false));
    check(new Adam(0.01, 0.5, 0.8, 0.1, 0.2), 0.01, adam(0.5, 0.8, 0.1, 0.2, false));
  }

  @Test
  void adamW() {
    check(AdamW.of(0.01), 0.01, adam(0.9, 0.999, 1e-8, 0.01, true));
    check(new AdamW(0.01, 0.5, 0.8, 0.1, 0.2), 0.01, adam(0.5, 0.8, 0.1, 0.2, true));
  }

  /// In single precision too the first step of Adam is rate·sign(g), to a few units in the last
  /// place: what a correction computed as 1 − 0.999ᵗ would miss by 10⁻⁵.
  @Test
  void adamsFirstStepKeepsItsDigitsInSinglePrecision() {
    Graph graph = graph(Adam.of(0.5));
    double[] gradient = new Random(3).doubles(SIZE, -1, 1).toArray();
    Map<String, Tensor> states = new java.util.HashMap<>();
    for (Node node : graph.states()) {
      if (node.op() instanceof Leaf.State(String name, TensorType type, _, Initializer.Fill fill)) {
        double[] data = new double[Math.toIntExact(type.shape().size())];
        java.util.Arrays.fill(data, name.equals("w") ? 0 : fill.value());
        states.put(name, Tensor.of(data, type.shape().dims()));
      }
    }
    var result =
        Interpreter.run(graph, Map.of("x", Tensor.of(gradient, SIZE)), states, Precision.TYPED);
    for (int i = 0; i < SIZE; i++) {
      assertEquals(-0.5 * Math.signum(gradient[i]), result.state("w").getDouble(i), 1e-6);
    }
  }

  @Test
  void halfPrecisionParametersAreUpdatedInSingle() {
    var g = new GraphBuilder();
    Node w =
        g.state(
            new Leaf.State(
                "w", TensorType.of(DType.BF16, 3), Leaf.Role.PARAMETER, Initializer.ones()));
    Node loss = g.sum(g.cast(w, DType.F32), false, 0);
    Graph graph = TrainingGraph.of(g.build(loss), Sgd.of(0.5).withMomentum(0.9));
    Verifier.verify(graph, "training graph");
    for (Node state : graph.states()) {
      boolean parameter = state.equals(graph.states().getFirst());
      assertEquals(parameter ? DType.BF16 : DType.F32, state.dtype(), state::toString);
    }
    Training training = new Training(graph, Map.of());
    training.step(Map.of());
    assertArrayEquals(new double[] {0.5, 0.5, 0.5}, training.get("w"));
  }
}
