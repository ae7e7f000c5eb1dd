package io.griffinfly.engine.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.KernelData;
import io.griffinfly.engine.conformance.Subject;
import io.griffinfly.engine.conformance.Subjects;
import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.opt.HalfFactors;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.ref.Interpretation;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Precision;
import io.griffinfly.engine.train.TrainingGraph;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Gradients of any size in halves, step by step, on every device and in the reference.
@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.HALVES)
class DelayedScalesTest {
  private static final int ROWS = 8;
  private static final int WIDTH = 24;
  private static final double FIRST_SCALE = 4096;

  /// Two factors that are each wrong by 2^-12 at worst in the class of TF32, through a few layers.
  private static final double TF32 = 1e-3;

  private static final io.griffinfly.engine.opt.Precision TF32_CLASS =
      io.griffinfly.engine.opt.Precision.TF32;

  private final Subject subject;

  DelayedScalesTest(Subject subject) {
    this.subject = subject;
  }

  /// A residual net two of whose branches hardly matter: their gradients are of 1e-10 to 1e-9, of
  /// which the first scale leaves few digits, and below 1e-12, of which it leaves nothing.
  private static Graph net() {
    var g = new GraphBuilder();
    Initializer initializer = new Initializer.Normal(0.3);
    Node x = g.input("x", DType.F32, ROWS, WIDTH);
    Node labels = g.input("labels", DType.I64, ROWS);
    Node stream = g.relu(Nn.project(g, "first", x, WIDTH, initializer));
    stream = g.add(stream, g.scale(branch(g, "small", stream), 1e-8));
    stream = g.add(stream, g.scale(branch(g, "tiny", stream), 1e-11));
    Node logits = Nn.project(g, "head", stream, WIDTH, initializer);
    return g.build(g.mul(g.crossEntropy(logits, labels), g.input("factor", DType.F32)));
  }

  private static Node branch(GraphBuilder g, String name, Node x) {
    Initializer initializer = new Initializer.Normal(0.3);
    Node gate = Nn.project(g, name + ".gate", x, WIDTH, initializer);
    Node up = Nn.project(g, name + ".up", x, WIDTH, initializer);
    Node both = g.mul(g.relu(gate), up);
    return Nn.project(g, name + ".down", both, WIDTH, initializer);
  }

  private static Map<String, Tensor> inputs(double factor) {
    var random = new SplittableRandom(3);
    Tensor x = Tensor.zeros(TensorType.of(DType.F32, ROWS, WIDTH));
    for (int i = 0; i < x.size(); i++) {
      x.setDouble(i, random.nextDouble() * 2 - 1);
    }
    Tensor labels = Tensor.zeros(TensorType.of(DType.I64, ROWS));
    for (int i = 0; i < ROWS; i++) {
      labels.setDouble(i, i % WIDTH);
    }
    Tensor scalar = Tensor.zeros(TensorType.of(DType.F32));
    scalar.setDouble(0, factor);
    return Map.of("x", x, "labels", labels, "factor", scalar);
  }

  /// What one step yields.
  ///
  /// @param gradients by the parameters' names
  /// @param errors of each against double precision
  /// @param unlike how far each is from that of the reference, which rounds as the device does
  private record Taken(
      Map<String, Tensor> gradients, Map<String, Double> errors, Map<String, Double> unlike) {
    double error(String name) {
      return Objects.requireNonNull(errors.get(name));
    }

    void assertOfTheClass() {
      assertOfTheClass(Set.of());
    }

    void assertOfTheClass(Set<String> but) {
      assertEquals(8, errors.size());
      errors.keySet().removeAll(but);
      unlike.keySet().removeAll(but);
      errors.forEach((name, error) -> assertTrue(error < TF32, () -> name + " errs by " + error));
      unlike.forEach((name, error) ->
          assertTrue(error < TF32 / 10, () -> name + " is unlike the reference by " + error));
    }

    void assertFinite() {
      gradients.forEach((name, gradient) ->
          assertTrue(Arrays.stream(gradient.toDoubles()).allMatch(Double::isFinite), name));
    }
  }

  /// Steps of a device, and of the reference beside it. The parameters stay as they are.
  private final class Steps implements AutoCloseable {
    private final DoubleFunction<Map<String, Tensor>> inputs;
    private final Graph exact;
    private final Graph rounded;
    private final Device device = subject.open();
    private final Parameters parameters;
    private final Session session;
    private final Map<String, Tensor> reference = new LinkedHashMap<>();
    private final String state;

    Steps() {
      this(net(), DelayedScalesTest::inputs);
    }

    Steps(Graph forward, DoubleFunction<Map<String, Tensor>> inputs) {
      this.inputs = inputs;
      exact = TrainingGraph.gradients(forward, Seed.STATE);
      rounded = HalfFactors.round(exact, Seed.gradients(exact), FIRST_SCALE);
      parameters = Parameters.initialize(device, rounded, 5);
      session = Session.of(rounded, parameters, CompilerOptions.defaults());
      parameters.names().forEach(name -> reference.put(name, parameters.get(name)));
      state =
          parameters.names().stream()
              .filter(name -> name.startsWith("gradient_maxima."))
              .findFirst()
              .orElseThrow();
    }

    /// Takes steps until every scale is known.
    void settle() {
      take(1);
      take(1);
      take(1).assertOfTheClass();
    }

    Tensor maxima() {
      return parameters.get(state);
    }

    void restore(Tensor maxima) {
      parameters.set(state, maxima);
      reference.put(state, maxima);
    }

    Taken take(double factor) {
      Map<String, Tensor> weights = new HashMap<>(reference);
      weights.remove(state);
      Interpretation truth = Interpreter.run(exact, inputs.apply(factor), weights);
      Interpretation own =
          Interpreter.run(rounded, inputs.apply(factor), reference, Precision.TYPED);
      Map<String, Tensor> found = session.run(inputs.apply(factor));
      reference.put(state, own.state(state));
      Taken taken = new Taken(new HashMap<>(), new HashMap<>(), new HashMap<>());
      found.forEach((output, gradient) -> {
        if (output.startsWith(TrainingGraph.GRADIENT_PREFIX)) {
          String name = output.substring(TrainingGraph.GRADIENT_PREFIX.length());
          taken.gradients.put(name, gradient);
          taken.errors.put(name, KernelData.distance(gradient, truth.output(output)));
          taken.unlike.put(name, KernelData.distance(gradient, own.output(output)));
        }
      });
      return taken;
    }

    @Override
    public void close() {
      session.close();
      parameters.close();
      device.close();
    }
  }

  @Test
  void theSecondStepLosesNoGradient() {
    try (Steps steps = new Steps()) {
      Taken first = steps.take(1);
      // What a static scale of 4096 is right for, is in the class from the first step on.
      assertTrue(first.error("first.weight") < TF32);
      assertTrue(first.error("head.weight") < TF32);
      for (String layer : List.of("gate.weight", "up.weight", "down.weight")) {
        assertTrue(first.error("small." + layer) > 5 * TF32, () -> layer + " " + first.errors);
        assertTrue(first.error("tiny." + layer) > 0.9, () -> layer + " " + first.errors);
      }
      first.assertFinite();
      // Of a gradient that was lost as a whole, nothing was made either whose size could be known.
      steps.take(1).assertOfTheClass(Set.of("tiny.gate.weight", "tiny.up.weight"));
      for (int step = 3; step <= 4; step++) {
        steps.take(1).assertOfTheClass();
      }
      assertEquals(
          0,
          KernelData.distance(
              steps.maxima(), Objects.requireNonNull(steps.reference.get(steps.state))),
          1e-5);
    }
  }

  /// More than the headroom of 3 to 4 bits.
  @Test
  void aGradientThatGrowsIsClampedForOneStep() {
    try (Steps steps = new Steps()) {
      steps.settle();
      Taken grown = steps.take(64);
      grown.assertFinite();
      grown.errors.forEach((name, error) ->
          assertTrue(error > 5 * TF32, () -> name + " is not clamped, it errs by " + error));
      steps.take(64).assertOfTheClass();
      Taken shrunk = steps.take(1);
      shrunk.assertFinite();
      steps.take(1).assertOfTheClass();
    }
  }

  @Test
  void zerosAndWhatIsNoNumberChangeNoScale() {
    try (Steps steps = new Steps()) {
      steps.settle();
      double[] before = steps.maxima().toDoubles();
      for (double factor : new double[] {0, Double.NaN}) {
        steps.take(factor);
        assertArrayEquals(before, steps.maxima().toDoubles(), "after a factor of " + factor);
      }
      steps.take(1).assertOfTheClass();
    }
  }

  /// Gradients of queries, keys and values are larger by the scale of the gradient that attention
  /// reads until they get their own. Those of queries and keys are differences that nearly cancel.
  @Test
  void theSecondStepLosesNoGradientOfAttention() {
    var g = new GraphBuilder();
    Node loss = HalfFactorsTest.attention(g);
    Graph forward = g.build(g.mul(loss, g.input("factor", DType.F32)));
    DoubleFunction<Map<String, Tensor>> inputs =
        factor -> {
          Map<String, Tensor> all = new HashMap<>(HalfFactorsTest.inputs());
          all.put("factor", Tensor.of(new double[] {factor}, new int[0]).to(DType.F32));
          return all;
        };
    try (Steps steps = new Steps(forward, inputs)) {
      Taken first = steps.take(1e-8);
      assertTrue(first.error("qkv.weight") > 20 * TF32, first.errors::toString);
      for (int step = 2; step <= 3; step++) {
        Taken next = steps.take(1e-8);
        assertEquals(4, next.errors.size());
        next.errors.forEach((name, error) -> assertTrue(error < 5 * TF32, () -> name + error));
      }
      // What grows by 2^27 is too small behind every rounding that clamps it: one step for each of
      // the four on the way, from the logits to queries, keys and values.
      for (int rounding = 1; rounding <= 4; rounding++) {
        steps.take(1).assertFinite();
      }
      steps
          .take(1)
          .errors
          .forEach((name, error) -> assertTrue(error < 5 * TF32, () -> name + error));
    }
  }

  /// Small whole numbers times 2^-30: halves hold them, and a product of such sums to the bit if
  /// nothing but a power of two is multiplied and divided by.
  @Test
  void aScaleRoundsNothing() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, ROWS, WIDTH);
    Node by = g.input("by", DType.F32, ROWS, WIDTH);
    Node y = Nn.project(g, "layer", x, WIDTH, new Initializer.Normal(0.3));
    Graph forward = g.build(g.scale(g.sum(g.mul(y, by), false, 0, 1), 0x1p-30));
    Graph exact = TrainingGraph.gradients(forward, Seed.STATE);
    Graph rounded = HalfFactors.round(exact, Seed.gradients(exact), FIRST_SCALE);
    try (Device device = subject.open();
        var parameters = Parameters.initialize(device, rounded, 5);
        var session = Session.of(rounded, parameters, CompilerOptions.defaults())) {
      for (int step = 1; step <= 3; step++) {
        double[][] numbers = {whole(step), whole(-step)};
        Tensor found =
            session
                .run(Map.of("x", tensor(numbers[0]), "by", tensor(numbers[1])))
                .get("grad.layer.weight");
        double[] gradient = Objects.requireNonNull(found).toDoubles();
        for (int i = 0; i < gradient.length; i++) {
          double sum = 0;
          for (int row = 0; row < ROWS; row++) {
            int at = row * WIDTH;
            sum += numbers[1][at + i / WIDTH] * numbers[0][at + i % WIDTH];
          }
          assertEquals(sum * 0x1p-30, gradient[i], "element " + i + " in step " + step);
        }
      }
    }
  }

  private static double[] whole(long seed) {
    return new SplittableRandom(seed).ints(ROWS * WIDTH, -7, 8).asDoubleStream().toArray();
  }

  private static Tensor tensor(double[] values) {
    return Tensor.of(values, ROWS, WIDTH).to(DType.F32);
  }

  /// The whole way from the option, the optimizer's rules included, on devices that multiply
  /// halves; the others have nothing to scale.
  @Test
  void theOptionScalesWhereTheDeviceMultipliesHalves() {
    Graph forward = net();
    CompilerOptions options =
        CompilerOptions.defaults().withStep(TrainingGraph::gradients).withPrecision(TF32_CLASS);
    try (Device device = subject.open();
        var parameters = Parameters.initialize(device, forward, 5);
        var session = Session.of(forward, parameters, options)) {
      boolean halves = TF32_CLASS.usesHalves(device.profile());
      for (String name : List.of("gradient_maxima.", Seed.NAME)) {
        assertEquals(
            halves, parameters.names().stream().anyMatch(state -> state.startsWith(name)), name);
      }
      Map<String, Tensor> weights = new HashMap<>();
      parameters.names().forEach(name -> weights.put(name, parameters.get(name)));
      Interpretation truth = Interpreter.run(TrainingGraph.gradients(forward), inputs(1), weights);
      Map<String, Tensor> found = Map.of();
      for (int step = 1; step <= 3; step++) {
        found = session.run(inputs(1));
      }
      assertEquals(9, found.size());
      found.forEach((name, gradient) -> {
        double error = KernelData.distance(gradient, truth.output(name));
        assertTrue(error < TF32, () -> name + " errs by " + error);
      });
    }
  }

  @Test
  void aSavedStateSparesTheFirstStep() {
    try (Steps steps = new Steps();
        Steps later = new Steps()) {
      steps.settle();
      later.restore(steps.maxima());
      later.take(1).assertOfTheClass();
    }
  }

  /// Training that begins anew from other weights, whose gradients are of another size.
  @Test
  void whoBeginsAnewForgetsTheScales() {
    try (Steps steps = new Steps()) {
      double[] first = steps.maxima().toDoubles();
      Map<String, Tensor> fresh = steps.take(1).gradients;
      steps.take(1e-6);
      steps.take(1e-6);
      steps.parameters.restart(Leaf.Role.OPTIMIZER);
      assertArrayEquals(first, steps.maxima().toDoubles());
      Map<String, Tensor> again = steps.session.run(inputs(1));
      fresh.forEach((name, gradient) ->
          assertArrayEquals(
              gradient.toDoubles(),
              Objects.requireNonNull(again.get(TrainingGraph.GRADIENT_PREFIX + name)).toDoubles(),
              name));
    }
  }
}
