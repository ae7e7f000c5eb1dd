package io.griffinfly.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.Verifier;
import io.griffinfly.engine.ref.Interpretation;
import io.griffinfly.engine.ref.Interpreter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrainingGraphTest {
  private static final int BATCH = 5;
  private static final int IN = 3;
  private static final int HIDDEN = 7;
  private static final int CLASSES = 4;
  private static final double RATE = 0.2;

  /// Losses of [#aPerceptronLearnsAsComputedByHand] by step, from a third party: the forward pass
  /// alone in NumPy (float64), the generator of `java.util.Random` written out anew, gradients by
  /// HIPS autograd 1.9.1, `p - 0.2 * gradient` a hundred times. The loss does not fall to a fifth:
  /// it ends at 0.345 of the first, and from step 98 to step 99 it rises.
  private static final Map<Integer, Double> WITNESSED =
      Map.of(
          0, 1.540461552378817,
          1, 1.4489705208117307,
          10, 1.1849481205707237,
          50, 0.7450142126063323,
          98, 0.5294911666679885,
          99, 0.5308649782273266);

  /// Sums of up to 7 products of doubles, each off by at most 7 * 2^-53, through three layers and a
  /// hundred steps that each add as much again: 100 * 3 * 7 * 2^-53 = 2.4e-13, times the few units
  /// that sums of absolute values exceed the sums themselves by.
  private static final double ROUNDING = 1e-12;

  /// A multi-layer perceptron with cross-entropy.
  private static Graph perceptron() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, BATCH, IN);
    Node labels = g.input("labels", DType.I64, BATCH);
    Node hidden = g.relu(linear(g, "fc1", x, HIDDEN));
    Node logits = g.output("logits", linear(g, "fc2", hidden, CLASSES));
    return g.build(g.crossEntropy(logits, labels));
  }

  private static Node linear(GraphBuilder g, String name, Node x, int out) {
    Node w = g.parameter(name + ".weight", Initializer.zeros(), out, x.shape().dim(-1));
    Node b = g.parameter(name + ".bias", Initializer.zeros(), out);
    return g.add(g.matMul(x, w, false, true), b);
  }

  private static double[] random(Random random, int count) {
    return random.doubles(count, -1, 1).toArray();
  }

  /// The same perceptron by hand: forward, backward and update of plain arrays.
  private static final class ByHand {
    final double[] w1;
    final double[] b1;
    final double[] w2;
    final double[] b2;
    final double[] gradient1 = new double[HIDDEN * IN];

    ByHand(double[] w1, double[] b1, double[] w2, double[] b2) {
      this.w1 = w1.clone();
      this.b1 = b1.clone();
      this.w2 = w2.clone();
      this.b2 = b2.clone();
    }

    double step(double[] x, long[] labels) {
      double loss = 0;
      double[] dw1 = new double[w1.length];
      double[] db1 = new double[b1.length];
      double[] dw2 = new double[w2.length];
      double[] db2 = new double[b2.length];
      for (int n = 0; n < BATCH; n++) {
        double[] h = new double[HIDDEN];
        for (int i = 0; i < HIDDEN; i++) {
          h[i] = b1[i];
          for (int j = 0; j < IN; j++) {
            h[i] += w1[i * IN + j] * x[n * IN + j];
          }
          h[i] = Math.max(0, h[i]);
        }
        double[] y = new double[CLASSES];
        double total = 0;
        for (int c = 0; c < CLASSES; c++) {
          y[c] = b2[c];
          for (int i = 0; i < HIDDEN; i++) {
            y[c] += w2[c * HIDDEN + i] * h[i];
          }
          total += Math.exp(y[c]);
        }
        loss += (Math.log(total) - y[(int) labels[n]]) / BATCH;
        double[] dh = new double[HIDDEN];
        for (int c = 0; c < CLASSES; c++) {
          double dy = (Math.exp(y[c]) / total - (c == labels[n] ? 1 : 0)) / BATCH;
          db2[c] += dy;
          for (int i = 0; i < HIDDEN; i++) {
            dw2[c * HIDDEN + i] += dy * h[i];
            dh[i] += dy * w2[c * HIDDEN + i];
          }
        }
        for (int i = 0; i < HIDDEN; i++) {
          double dz = h[i] > 0 ? dh[i] : 0;
          db1[i] += dz;
          for (int j = 0; j < IN; j++) {
            dw1[i * IN + j] += dz * x[n * IN + j];
          }
        }
      }
      System.arraycopy(dw1, 0, gradient1, 0, dw1.length);
      descend(w1, dw1);
      descend(b1, db1);
      descend(w2, dw2);
      descend(b2, db2);
      return loss;
    }

    private static void descend(double[] w, double[] dw) {
      for (int i = 0; i < w.length; i++) {
        w[i] -= RATE * dw[i];
      }
    }
  }

  @Test
  void aPerceptronLearnsAsComputedByHand() {
    Random random = new Random(11);
    var hand =
        new ByHand(
            random(random, HIDDEN * IN),
            random(random, HIDDEN),
            random(random, CLASSES * HIDDEN),
            random(random, CLASSES));
    Map<String, Tensor> begin = new LinkedHashMap<>();
    begin.put("fc1.weight", Tensor.of(hand.w1, HIDDEN, IN));
    begin.put("fc1.bias", Tensor.of(hand.b1, HIDDEN));
    begin.put("fc2.weight", Tensor.of(hand.w2, CLASSES, HIDDEN));
    begin.put("fc2.bias", Tensor.of(hand.b2, CLASSES));
    double[] x = random(random, BATCH * IN);
    long[] labels = {0, 3, 1, 2, 1};
    Map<String, Tensor> inputs =
        Map.of("x", Tensor.of(x, BATCH, IN), "labels", Tensor.of(labels, BATCH));
    Graph graph = TrainingGraph.of(perceptron(), Sgd.of(RATE));
    Training training = new Training(Verifier.verify(graph, "training graph"), begin);
    Interpretation gradients =
        Interpreter.run(TrainingGraph.gradients(perceptron()), inputs, begin);
    for (int step = 0; step < 100; step++) {
      double expected = hand.step(x, labels);
      if (step == 0) {
        assertArrayEquals(hand.gradient1, gradients.output("grad.fc1.weight").toDoubles(), 1e-14);
      }
      Interpretation result = training.step(inputs);
      String which = "loss of step " + step;
      double loss = result.loss().orElseThrow();
      assertEquals(expected, loss, ROUNDING, which);
      assertEquals(loss, result.output(TrainingGraph.LOSS).getDouble(0), which);
      assertEquals(WITNESSED.getOrDefault(step, loss), loss, ROUNDING, which);
    }
    assertArrayEquals(hand.w1, training.get("fc1.weight"), ROUNDING);
    assertArrayEquals(hand.b1, training.get("fc1.bias"), ROUNDING);
    assertArrayEquals(hand.w2, training.get("fc2.weight"), ROUNDING);
    assertArrayEquals(hand.b2, training.get("fc2.bias"), ROUNDING);
  }

  @Test
  void outputsAndEffectsStay() {
    var g = new GraphBuilder();
    Node w = g.parameter("w", Initializer.ones(), 3);
    Node seen =
        g.state(
            new Leaf.State(
                "seen", TensorType.of(DType.F32), Leaf.Role.BUFFER, Initializer.zeros()));
    g.assign(seen, g.add(seen, g.constant(DType.F32, 1)));
    Node y = g.output("y", g.mul(w, w));
    Graph forward = g.build(g.sum(y, false, 0));
    Graph training = TrainingGraph.of(forward, Adam.of(0.1));
    assertEquals(List.of("y", "loss"), List.copyOf(training.outputs().sequencedKeySet()));
    List<String> assigned =
        training.assigns().stream()
            .map(assign -> assign.state().op() instanceof Leaf.State state ? state.name() : "")
            .toList();
    assertEquals(
        List.of(
            "seen",
            "optimizer.correction1",
            "optimizer.correction2",
            "optimizer.moment1.w",
            "optimizer.moment2.w",
            "w"),
        assigned);
    Graph gradients = TrainingGraph.gradients(forward);
    assertEquals(
        List.of("y", "loss", "grad.w"), List.copyOf(gradients.outputs().sequencedKeySet()));
    assertEquals(1, gradients.assigns().size());
  }

  @Test
  void sharedParametersAndPresentLossOutputs() {
    var g = new GraphBuilder();
    Node w = g.parameter("w", Initializer.ones(), 3, 3);
    Node x = g.input("x", DType.F32, 2, 3);
    Node twice = g.matMul(g.matMul(x, w, false, true), w, false, true);
    Node loss = g.output("loss", g.sum(twice, false, 0, 1));
    Graph training = TrainingGraph.of(g.build(loss), Sgd.of(1));
    assertEquals(1, training.assigns().size());
    assertEquals(1, training.outputs().size());
  }

  @Test
  void parametersThatTheLossDoesNotUseStayAsTheyAre() {
    var g = new GraphBuilder();
    Node used = g.parameter("used", Initializer.ones(), 2);
    g.output("y", g.scale(g.parameter("unused", Initializer.ones(), 2), 2));
    Graph training = TrainingGraph.of(g.build(g.sum(used, false, 0)), Sgd.of(0.25));
    assertEquals(2, training.assigns().size());
    Training run = new Training(training, Map.of());
    run.step(Map.of());
    assertArrayEquals(new double[] {0.75, 0.75}, run.get("used"));
    assertArrayEquals(new double[] {1, 1}, run.get("unused"));
  }

  @Test
  void saysWhatIsMissing() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 2);
    Node sum = g.sum(x, false, 0);
    Graph noParameter = g.build(sum);
    Graph noLoss = g.build();
    assertThrows(GraphException.class, () -> TrainingGraph.of(noLoss, Sgd.of(1)));
    assertThrows(GraphException.class, () -> TrainingGraph.gradients(noParameter));
    var other = new GraphBuilder();
    Node w = other.parameter("w", Initializer.ones());
    other.output("loss", other.scale(w, 2));
    Graph taken = other.build(w);
    assertThrows(GraphException.class, () -> TrainingGraph.gradients(taken));
  }
}
