package io.griffinfly.suites.micro;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.nn.Heads;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.run.CompilerOptions;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import io.griffinfly.engine.train.TrainingGraph;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One causal attention of SmolLM2: 9 query heads on 3 key heads, 128 tokens, width 64, on all
/// processors. Forward and backward together hold the forward pass, and the sum that they start at.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class AttentionKernels {
  private static final int HEADS = 9;
  private static final int KEY_HEADS = 3;
  private static final int LENGTH = 128;
  private static final int WIDTH = 64;

  private @Nullable JvmDevice device;
  private @Nullable Parameters parameters;
  private @Nullable Session forward;
  private @Nullable Session both;

  private static Graph graph() {
    var g = new GraphBuilder();
    var normal = new Initializer.Normal(1);
    // What depends on parameters alone is computed once, not in each run: an input is added.
    Node shift = g.input("shift", DType.F32);
    Node query = g.add(g.parameter("query", normal, 1, HEADS, LENGTH, WIDTH), shift);
    Node key = g.add(g.parameter("key", normal, 1, KEY_HEADS, LENGTH, WIDTH), shift);
    Node value = g.add(g.parameter("value", normal, 1, KEY_HEADS, LENGTH, WIDTH), shift);
    Node probe = g.parameter("probe", normal, 1, HEADS, LENGTH, WIDTH);
    Node mixed = Heads.attend(g, query, key, value, 1 / Math.sqrt(WIDTH), true);
    g.output("mixed", mixed);
    return g.build(Nn.probeLoss(g, mixed, probe));
  }

  /// Compiles both.
  @Setup
  public void open() {
    Graph graph = graph();
    device = JvmDevice.onAllProcessors();
    parameters = Parameters.initialize(device, graph, 1);
    forward = Session.inference(graph, parameters);
    both =
        Session.of(
            graph, parameters, CompilerOptions.defaults().withStep(TrainingGraph::gradients));
    Tensor shift = Tensor.of(new float[] {0.5f});
    forward.input("shift", shift);
    both.input("shift", shift);
  }

  /// Forward.
  @Benchmark
  public void forward() {
    Objects.requireNonNull(forward).run();
  }

  /// Forward and backward.
  @Benchmark
  public void forwardAndBackward() {
    Objects.requireNonNull(both).run();
  }

  /// Frees everything; both sessions must have computed the same.
  ///
  /// @throws IllegalStateException if they have not
  @TearDown
  public void close() {
    Session inference = Objects.requireNonNull(forward);
    Session training = Objects.requireNonNull(both);
    inference.run();
    training.run();
    double difference = inference.loss() - training.loss();
    if (!(Math.abs(difference) <= 1e-4 * Math.abs(inference.loss()))) {
      throw new IllegalStateException("the losses differ by " + difference);
    }
    inference.close();
    training.close();
    Objects.requireNonNull(parameters).close();
    Objects.requireNonNull(device).close();
  }
}
