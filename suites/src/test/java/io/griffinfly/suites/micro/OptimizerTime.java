package io.griffinfly.suites.micro;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.opt.Optimizer;
import io.griffinfly.engine.opt.RooflineCosts;
import io.griffinfly.engine.opt.RuleSet;
import io.griffinfly.engine.train.Sgd;
import io.griffinfly.engine.train.TrainingGraph;
import io.griffinfly.models.Objective;
import io.griffinfly.models.smollm2.LlamaModel;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Milliseconds to optimize SmolLM2's training graph, phase by phase and together. The goal is less
/// than 300 together, warm.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 10, time = 1)
@Measurement(iterations = 10, time = 1)
@State(Scope.Benchmark)
public class OptimizerTime {
  private final Optimizer optimizer;
  private final Graph forward;
  private final Graph training;

  /// Builds the graphs.
  public OptimizerTime() {
    DeviceProfile profile;
    try (var device = new JvmDevice(2)) {
      profile = device.profile();
    }
    optimizer = new Optimizer(RooflineCosts.of(profile), Set.of(), _ -> {});
    TensorType tokens = TensorType.of(DType.I64, 1, 128);
    forward =
        LlamaModel.smolLm2().graph(Map.of("input_ids", tokens, "labels", tokens), Objective.NATIVE);
    training = step(optimizer.run(forward, RuleSet.RAISE));
  }

  private static Graph step(Graph graph) {
    return TrainingGraph.of(graph, Sgd.of(0.1));
  }

  /// Finds composite operations in the forward graph.
  @Benchmark
  public Graph raise() {
    return optimizer.run(forward, RuleSet.RAISE);
  }

  /// Merges and fuses in the training graph.
  @Benchmark
  public Graph lower() {
    return optimizer.run(training, RuleSet.LOWER);
  }

  /// Both, with the differentiation between them.
  @Benchmark
  public Graph together() {
    return optimizer.run(step(raise()), RuleSet.LOWER);
  }
}
