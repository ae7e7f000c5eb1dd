package io.griffinfly.engine.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.Subject;
import io.griffinfly.engine.conformance.Subjects;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.nn.Heads;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.nn.RotaryTable;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.train.Sgd;
import io.griffinfly.engine.train.TrainingGraph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole graphs through the compiler on every device, against the reference.
@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.ALL_KINDS)
class SessionTest {
  private final Subject subject;

  SessionTest(Subject subject) {
    this.subject = subject;
  }

  private static final int CLASSES = 11;

  /// Runs of the [RoundingModel] that a tolerance is taken from: twice the largest error among
  /// them. The errors of a model run are of the size that rounding analysis allows, so that the
  /// largest of eight is of the size of the worst correct run, and twice that leaves room for one
  /// worse.
  private static final int MODEL_RUNS = 8;

  /// Two decoder layers over `rows` tokens of two sequences, and their cross-entropy.
  private static Graph decoder(int length) {
    return decoder(length, 1e-5);
  }

  private static Graph decoder(int length, double epsilon) {
    var g = new GraphBuilder();
    Initializer initializer = new Initializer.Normal(0.4);
    Node ids = g.input("ids", DType.I64, 2 * length);
    Node labels = g.input("labels", DType.I64, 2 * length);
    Node table = Nn.embedding(g, "embed", CLASSES, 20, initializer);
    Node x = g.take(table, ids, 0);
    RotaryTable rotary = RotaryTable.of(g, Nn.positions(g, length), 4, 100);
    for (int layer = 0; layer < 2; layer++) {
      String name = "layer" + layer;
      Node normed = Nn.rmsNorm(g, name + ".norm", x, epsilon);
      Node q = Nn.project(g, name + ".q", normed, 16, initializer);
      Node k = Nn.project(g, name + ".k", normed, 8, initializer);
      Node v = Nn.project(g, name + ".v", normed, 8, initializer);
      Node attended =
          Heads.attend(
              g,
              rotary.apply(g, Heads.split(g, q, 2, 4)),
              rotary.apply(g, Heads.split(g, k, 2, 2)),
              Heads.split(g, v, 2, 2),
              0.5,
              true);
      x = g.add(x, Nn.project(g, name + ".o", Heads.merge(g, attended), 20, initializer));
      Node again = Nn.rmsNorm(g, name + ".norm2", x, epsilon);
      x = g.add(x, Nn.gatedFeedForward(g, name + ".mlp", again, 13, initializer));
    }
    Node logits = g.output("logits", Nn.timesTransposed(g, x, table));
    return g.build(g.crossEntropy(logits, labels));
  }

  private static Map<String, Tensor> inputs(int length, long seed) {
    Random random = new Random(seed);
    long[][] tokens = new long[2][2 * length];
    for (long[] each : tokens) {
      java.util.Arrays.setAll(each, _ -> random.nextInt(CLASSES));
    }
    return Map.of(
        "ids", Tensor.of(tokens[0], 2 * length), "labels", Tensor.of(tokens[1], 2 * length));
  }

  private static Map<String, Tensor> states(Parameters parameters) {
    Map<String, Tensor> states = new LinkedHashMap<>();
    parameters.names().forEach(name -> states.put(name, parameters.get(name)));
    return states;
  }

  /// The error of a tensor in the L2 norm.
  private static double error(Tensor expected, Tensor actual) {
    double[] a = expected.toDoubles();
    double[] b = actual.toDoubles();
    double error = 0;
    for (int i = 0; i < a.length; i++) {
      error += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(error);
  }

  /// Twice the largest error of the given runs of the model, tensor by tensor.
  private static Map<String, Double> tolerances(
      Map<String, Tensor> truth, LongFunction<Map<String, Tensor>> model) {
    Map<String, Double> tolerances = new LinkedHashMap<>();
    for (int run = 0; run < MODEL_RUNS; run++) {
      Map<String, Tensor> rounded = model.apply(run);
      truth.forEach((name, expected) ->
          tolerances.merge(name, 2 * error(expected, tensor(rounded, name)), Math::max));
    }
    return tolerances;
  }

  private static Tensor tensor(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  private static void assertClose(
      Map<String, Tensor> truth, Map<String, Tensor> found, Map<String, Double> tolerances) {
    truth.forEach((name, expected) -> {
      double error = error(expected, tensor(found, name));
      double tolerance = Objects.requireNonNull(tolerances.get(name));
      // Written so that NaN fails.
      assertTrue(
          error <= tolerance, () -> name + " differs by " + error + " of at most " + tolerance);
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 9})
  void gradientsAgreeWithTheReferenceHoweverTheyAreCompiled(int length) {
    Graph graph = decoder(length);
    Map<String, Tensor> inputs = inputs(length, length);
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, graph, 7)) {
      Graph step = TrainingGraph.gradients(graph);
      Map<String, Tensor> states = states(parameters);
      Map<String, Tensor> truth = Interpreter.run(step, inputs, states).outputs();
      Map<String, Double> tolerances =
          tolerances(truth, seed -> RoundingModel.run(step, inputs, states, seed).outputs());
      CompilerOptions options = CompilerOptions.defaults().withStep(TrainingGraph::gradients);
      for (CompilerOptions each :
          List.of(
              options,
              options.withoutOptimizer(),
              options.withoutRules(Set.of("attention", "pack-projections", "epilogue-add-0")))) {
        try (var session = Session.of(graph, parameters, each)) {
          session.poison();
          assertClose(truth, session.run(inputs), tolerances);
        }
      }
    }
  }

  /// What the tolerances are worth: they tell a norm's epsilon of 1e-5 from one of 2e-5.
  @Test
  void tolerancesOfTheModelAreTight() {
    Graph graph = decoder(5);
    Graph other = decoder(5, 2e-5);
    Map<String, Tensor> inputs = inputs(5, 2);
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, graph, 7)) {
      Map<String, Tensor> states = states(parameters);
      Map<String, Tensor> truth = Interpreter.run(graph, inputs, states).outputs();
      Map<String, Tensor> wrong = Interpreter.run(other, inputs, states).outputs();
      Map<String, Double> tolerances =
          tolerances(truth, seed -> RoundingModel.run(graph, inputs, states, seed).outputs());
      assertThrows(AssertionError.class, () -> assertClose(truth, wrong, tolerances));
    }
  }

  @Test
  void threeStepsChangeTheParametersAsTheReferenceDoes() {
    Graph graph = decoder(5);
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, graph, 1);
        var session = Session.training(graph, parameters, Sgd.of(0.1))) {
      parameters.initialize(1);
      Graph step = TrainingGraph.of(graph, Sgd.of(0.1));
      Map<String, Tensor> first = states(parameters);
      Map<String, Tensor> truth = first;
      for (int i = 0; i < 3; i++) {
        truth = Interpreter.run(step, inputs(5, i), truth).states();
      }
      Map<String, Double> tolerances =
          tolerances(
              truth,
              seed -> {
                Map<String, Tensor> states = first;
                for (int i = 0; i < 3; i++) {
                  states = RoundingModel.run(step, inputs(5, i), states, 3 * seed + i).states();
                }
                return states;
              });
      for (int i = 0; i < 3; i++) {
        session.run(inputs(5, i));
      }
      assertClose(truth, states(parameters), tolerances);
      assertNotEquals(
          Objects.requireNonNull(first.get("embed.weight")).getDouble(0),
          parameters.get("embed.weight").getDouble(0));
    }
  }

  @Test
  void oneSessionReadsWhatAnotherHasTrained() {
    Graph training = decoder(5);
    Graph other = decoder(2);
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, training, 3);
        var reader = Session.inference(other, parameters);
        var trainer = Session.training(training, parameters, Sgd.of(0.2))) {
      parameters.initialize(3);
      Map<String, Tensor> inputs = inputs(2, 9);
      double[] before = reader.run(inputs).firstEntry().getValue().toDoubles();
      trainer.run(inputs(5, 4));
      Map<String, Tensor> after = reader.run(inputs);
      Map<String, Tensor> states = states(parameters);
      Map<String, Tensor> truth = Interpreter.run(other, inputs, states).outputs();
      assertClose(
          truth,
          after,
          tolerances(truth, seed -> RoundingModel.run(other, inputs, states, seed).outputs()));
      assertNotEquals(before[0], Objects.requireNonNull(after.get("logits")).getDouble(0));
    }
  }

  /// For `jvm` on every number of threads, for others from run to run.
  @Test
  void bitsAreTheSameOnEachOfTheDevices() {
    Graph graph = decoder(9);
    List<float[]> results = new ArrayList<>();
    for (Device device : subject.devices()) {
      for (int repeat = 0; repeat < 2; repeat++) {
        try (var parameters = Parameters.initialize(device, graph, 5);
            var session = Session.training(graph, parameters, Sgd.of(0.1))) {
          parameters.initialize(5);
          session.run(inputs(9, 1));
          results.add(parameters.get("layer0.q.weight").toFloats());
        }
      }
    }
    results.forEach(result -> assertArrayEquals(results.getFirst(), result));
  }

  private static Graph classifier() {
    var g = new GraphBuilder();
    Node image = g.input("image", DType.F32, 32, 784);
    Node label = g.input("label", DType.I64, 32);
    Node hidden = g.relu(Nn.linear(g, "fc1", image, 128));
    Node logits = g.output("logits", Nn.linear(g, "fc2", hidden, 10));
    return g.build(g.crossEntropy(logits, label));
  }

  /// One step of the classifier of handwritten digits, every gradient.
  @Test
  void aClassifierOfDigitsHasTheGradientsOfTheReference() {
    Graph graph = classifier();
    Random random = new Random(4);
    float[] pixels = new float[32 * 784];
    long[] labels = new long[32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextInt(5) == 0 ? random.nextFloat() : 0;
    }
    java.util.Arrays.setAll(labels, _ -> random.nextInt(10));
    Map<String, Tensor> inputs =
        Map.of("image", Tensor.of(pixels, 32, 784), "label", Tensor.of(labels, 32));
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, graph, 7);
        var session =
            Session.of(
                graph, parameters, CompilerOptions.defaults().withStep(TrainingGraph::gradients))) {
      Graph step = TrainingGraph.gradients(graph);
      Map<String, Tensor> states = states(parameters);
      Map<String, Tensor> truth = Interpreter.run(step, inputs, states).outputs();
      session.poison();
      assertClose(
          truth,
          session.run(inputs),
          tolerances(truth, seed -> RoundingModel.run(step, inputs, states, seed).outputs()));
    }
  }

  @AfterEach
  void nothingWasReported() {
    subject.requireNoComplaints();
  }

  @Test
  void namesWhatIsWrongWithAnInputOrAState() {
    Graph graph = decoder(2);
    try (var device = subject.open();
        var parameters = Parameters.allocate(device, graph);
        var session = Session.inference(graph, parameters)) {
      assertThrows(GraphException.class, () -> session.input("nothing", Tensor.of(new long[4], 4)));
      assertThrows(GraphException.class, () -> session.input("ids", Tensor.of(new long[3], 3)));
      assertThrows(ParametersException.class, session::run);
      assertThrows(
          ParametersException.class,
          () -> parameters.set("embed.weight", Tensor.of(new float[2], 2)));
      assertThrows(IllegalStateException.class, parameters::close);
      assertEquals(graph.states().size(), parameters.unset().size());
    }
  }
}
