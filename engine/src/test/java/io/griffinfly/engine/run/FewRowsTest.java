package io.griffinfly.engine.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.KernelData;
import io.griffinfly.engine.conformance.Subject;
import io.griffinfly.engine.conformance.Subjects;
import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.nn.Heads;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.nn.RotaryTable;
import io.griffinfly.engine.opt.HalfFactors;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.train.TrainingGraph;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Graphs of a few rows, whose norms, gates and rotary embeddings GPUs compute inside of products,
/// on every device, against the reference.
@ParameterizedClass(name = "{0}")
@MethodSource(Subjects.HALVES)
class FewRowsTest {
  private static final int WIDTH = 24;
  private static final int HEAD = 10;

  /// Sums of a few dozen terms in single precision, and their errors through a few layers.
  private static final double SINGLE = 1e-5;

  private final Subject subject;

  FewRowsTest(Subject subject) {
    this.subject = subject;
  }

  /// Gated blocks on the residual stream, then a classifier.
  private static Node logits(GraphBuilder g, int rows) {
    Initializer initializer = new Initializer.Normal(0.3);
    Node stream = g.input("x", DType.F32, rows, WIDTH);
    for (int layer = 0; layer < 2; layer++) {
      Node normed = Nn.rmsNorm(g, "norm" + layer, stream, 1e-2);
      Node out = Nn.gatedFeedForward(g, "mlp" + layer, normed, 37, initializer);
      stream = g.add(stream, out);
    }
    Node last = Nn.rmsNorm(g, "last", stream, 1e-2);
    return g.output("logits", Nn.project(g, "head", last, 11, initializer));
  }

  /// Attention of sequences one behind the other, whose first positions are turned as well: two
  /// heads of queries, one of keys and one of values.
  ///
  /// @param shown whether turned heads are outputs, which keeps them in single precision
  private static Graph attention(int batch, int length, boolean shown) {
    var g = new GraphBuilder();
    Initializer initializer = new Initializer.Normal(0.3);
    Node positions =
        g.add(Nn.positions(g, length), g.constant(Literal.splat(TensorType.of(DType.F32), 2)));
    RotaryTable table = RotaryTable.of(g, positions, HEAD, 10);
    Node stream = g.input("x", DType.F32, batch * length, WIDTH);
    for (int layer = 0; layer < 2; layer++) {
      Node normed = Nn.rmsNorm(g, "norm" + layer, stream, 1e-2);
      Node all = Nn.project(g, "qkv" + layer, normed, 4 * HEAD, initializer);
      Node query = turned(g, Heads.split(g, g.slice(all, 1, 0, 2 * HEAD), batch, 2), table);
      Node key = turned(g, Heads.split(g, g.slice(all, 1, 2 * HEAD, HEAD), batch, 1), table);
      Node value = Heads.split(g, g.slice(all, 1, 3 * HEAD, HEAD), batch, 1);
      if (shown) {
        g.output("query" + layer, query);
        g.output("key" + layer, key);
      }
      Node attended = g.add(new Attention.Attend(0.25, Attention.Mask.CAUSAL), query, key, value);
      Node mixed = Heads.merge(g, g.project(attended, 0));
      stream = g.add(stream, Nn.project(g, "out" + layer, mixed, WIDTH, initializer));
    }
    g.output("stream", stream);
    return g.build();
  }

  private static Node turned(GraphBuilder g, Node heads, RotaryTable table) {
    return g.add(new Attention.Rotary(false), heads, table.cos(), table.sin());
  }

  private static Graph training(int rows) {
    var g = new GraphBuilder();
    Node logits = logits(g, rows);
    Graph graph = g.build(g.crossEntropy(logits, g.input("labels", DType.I64, rows)));
    return TrainingGraph.gradients(graph, Seed.STATE);
  }

  private static Tensor drawn(int rows) {
    var random = new SplittableRandom(3);
    Tensor x = Tensor.zeros(TensorType.of(DType.F32, rows, WIDTH));
    for (int i = 0; i < x.size(); i++) {
      x.setDouble(i, random.nextDouble() * 6 - 3);
    }
    return x;
  }

  /// Demands that every output is as close to another graph's as it has to be.
  ///
  /// @param truth the graph that the reference runs
  private void check(Graph graph, Graph truth, Map<String, Tensor> inputs, double tolerance) {
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, graph, 5);
        var session = Session.of(graph, parameters, CompilerOptions.defaults())) {
      Map<String, Tensor> states = new LinkedHashMap<>();
      parameters.names().forEach(name -> states.put(name, parameters.get(name)));
      Map<String, Tensor> found = session.run(inputs);
      Interpreter.run(truth, inputs, states)
          .outputs()
          .forEach((name, expected) -> {
            Tensor value = Objects.requireNonNull(found.get(name));
            double distance = KernelData.distance(value, expected);
            assertTrue(distance < tolerance, () -> name + " is " + distance + " away");
          });
    }
    subject.requireNoComplaints();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 9})
  void aForwardPass(int rows) {
    var g = new GraphBuilder();
    logits(g, rows);
    Graph graph = g.build();
    check(graph, graph, Map.of("x", drawn(rows)), SINGLE);
  }

  /// Factors of halves are 2^-12 off at worst; rows that a product normalizes itself are not.
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aForwardPassOfHalves(int rows) {
    var g = new GraphBuilder();
    logits(g, rows);
    Graph graph = g.build();
    check(
        HalfFactors.round(graph, Seed.gradients(graph), 1), graph, Map.of("x", drawn(rows)), 1e-3);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "2, 4", "3, 1", "1, 9"})
  void headsAreTurned(int batch, int length) {
    Graph graph = attention(batch, length, true);
    check(graph, graph, Map.of("x", drawn(batch * length)), SINGLE);
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 2"})
  void headsOfHalvesAreTurned(int batch, int length) {
    Graph graph = attention(batch, length, false);
    check(HalfFactors.round(graph, Set.of(), 1), graph, Map.of("x", drawn(batch * length)), 2e-3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void gradients(int rows) {
    Tensor labels = Tensor.zeros(TensorType.of(DType.I64, rows));
    Graph graph = training(rows);
    check(graph, graph, Map.of("x", drawn(rows), "labels", labels), SINGLE);
  }

  /// Every element of the product is computed from all of the state that it becomes part of.
  @Test
  void aStateIsNotOverwrittenByWhatIsComputedFromItsNorm() {
    var g = new GraphBuilder();
    int width = 1024;
    Initializer initializer = new Initializer.Normal(1);
    Node stream = g.parameter("stream", initializer, 1, width);
    Node gain = g.parameter("gain", initializer, width);
    Node weight = g.parameter("weight", new Initializer.Normal(0.1), width, width);
    Node normed = g.add(new Norm.RmsNorm(1e-2), stream, gain);
    Node next = g.add(stream, Nn.timesTransposed(g, normed, weight));
    g.assign(stream, next);
    Graph graph = g.build();
    try (var device = subject.open();
        var parameters = Parameters.initialize(device, graph, 5);
        var session = Session.of(graph, parameters, CompilerOptions.defaults())) {
      Map<String, Tensor> states = new LinkedHashMap<>();
      parameters.names().forEach(name -> states.put(name, parameters.get(name)));
      session.run(Map.of());
      Tensor expected =
          Objects.requireNonNull(Interpreter.run(graph, Map.of(), states).states().get("stream"));
      double distance = KernelData.distance(parameters.get("stream"), expected);
      assertTrue(distance < SINGLE, () -> "the state is " + distance + " away");
    }
    subject.requireNoComplaints();
  }
}
