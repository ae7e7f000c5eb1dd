package io.griffinfly.suites.micro;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import io.griffinfly.engine.train.Sgd;
import io.griffinfly.models.Objective;
import io.griffinfly.models.smollm2.LlamaModel;
import java.util.Map;
import java.util.Random;
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

/// SmolLM2-135M with random weights, all processors: what a change of a kernel does to the whole
/// model, without the processes of a benchmark run around it.
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class ModelTimes {
  /// One program of the model.
  @State(Scope.Benchmark)
  public abstract static class Program {
    private final int tokens;
    private final boolean training;
    private final JvmDevice device = JvmDevice.onAllProcessors();
    private @Nullable Parameters parameters;
    private @Nullable Session session;

    /// Of a length.
    ///
    /// @param tokens of the sequence
    /// @param training whether to take a step
    protected Program(int tokens, boolean training) {
      this.tokens = tokens;
      this.training = training;
    }

    /// Compiles it.
    @Setup
    public void open() {
      TensorType type = TensorType.of(DType.I64, 1, tokens);
      Graph graph =
          LlamaModel.smolLm2()
              .graph(
                  training ? Map.of("input_ids", type, "labels", type) : Map.of("input_ids", type),
                  training ? Objective.NATIVE : Objective.NONE);
      parameters = Parameters.initialize(device, graph, 1);
      session =
          training
              ? Session.training(graph, parameters, Sgd.of(1e-3))
              : Session.inference(graph, parameters);
      session.input("input_ids", tokens(1));
      if (training) {
        session.input("labels", tokens(2));
      }
    }

    private Tensor tokens(long seed) {
      Tensor ids = Tensor.zeros(TensorType.of(DType.I64, 1, tokens));
      Random random = new Random(seed);
      for (int i = 0; i < tokens; i++) {
        ids.setDouble(i, random.nextInt(49_152));
      }
      return ids;
    }

    /// Runs it once.
    public void run() {
      java.util.Objects.requireNonNull(session).run();
    }

    /// Checks that it computed numbers, then frees everything.
    @TearDown
    public void close() {
      Session open = java.util.Objects.requireNonNull(session);
      double witness = training ? open.loss() : open.output("logits").getDouble(0);
      open.close();
      java.util.Objects.requireNonNull(parameters).close();
      device.close();
      if (!Double.isFinite(witness)) {
        throw new IllegalStateException("the model computed " + witness);
      }
    }
  }

  /// The forward pass of 128 tokens.
  public static class Forward extends Program {
    /// Of 128 tokens.
    public Forward() {
      super(128, false);
    }
  }

  /// The forward pass of one token.
  public static class OneToken extends Program {
    /// Of one token.
    public OneToken() {
      super(1, false);
    }
  }

  /// A step on 128 tokens.
  public static class Step extends Program {
    /// Of 128 tokens.
    public Step() {
      super(128, true);
    }
  }

  /// 128 tokens forward.
  @Benchmark
  public void forward(Forward program) {
    program.run();
  }

  /// One token forward.
  @Benchmark
  public void oneToken(OneToken program) {
    program.run();
  }

  /// Forward, loss, backward and update on 128 tokens.
  @Benchmark
  public void trainingStep(Step program) {
    program.run();
  }
}
