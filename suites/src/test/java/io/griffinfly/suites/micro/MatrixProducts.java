package io.griffinfly.suites.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// SmolLM2's matrix products at 128 tokens, on all processors. Thousands of floating-point
/// operations are counted: `ops/us` is GFLOP/s, to be set beside `MachineLimits.fusedMultiplyAdds`.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MatrixProducts {
  private static final int ROWS = 128;
  private static final int HIDDEN = 576;
  private static final int FEED_FORWARD = 1536;
  private static final int PROJECTIONS = 960;
  private static final int VOCABULARY = 49_152;

  /// The feed-forward's gate or up projection.
  @State(Scope.Benchmark)
  public static class Up extends ProductState {
    /// Of its shape.
    public Up() {
      super(ROWS, FEED_FORWARD, HIDDEN);
    }
  }

  /// The feed-forward's way back.
  @State(Scope.Benchmark)
  public static class Down extends ProductState {
    /// Of its shape.
    public Down() {
      super(ROWS, HIDDEN, FEED_FORWARD);
    }
  }

  /// Query, key and value side by side.
  @State(Scope.Benchmark)
  public static class Projections extends ProductState {
    /// Of its shape.
    public Projections() {
      super(ROWS, PROJECTIONS, HIDDEN);
    }
  }

  /// The scores of the vocabulary.
  @State(Scope.Benchmark)
  public static class Logits extends ProductState {
    /// Of its shape.
    public Logits() {
      super(ROWS, VOCABULARY, HIDDEN);
    }
  }

  /// 128 x FEED_FORWARD x HIDDEN.
  @Benchmark
  @OperationsPerInvocation((int) (2L * ROWS * FEED_FORWARD * HIDDEN / 1000))
  public void up(Up product) {
    product.run();
  }

  /// 128 x HIDDEN x FEED_FORWARD.
  @Benchmark
  @OperationsPerInvocation((int) (2L * ROWS * HIDDEN * FEED_FORWARD / 1000))
  public void down(Down product) {
    product.run();
  }

  /// 128 x PROJECTIONS x HIDDEN.
  @Benchmark
  @OperationsPerInvocation((int) (2L * ROWS * PROJECTIONS * HIDDEN / 1000))
  public void projections(Projections product) {
    product.run();
  }

  /// 128 x VOCABULARY x HIDDEN.
  @Benchmark
  @OperationsPerInvocation((int) (2L * ROWS * VOCABULARY * HIDDEN / 1000))
  public void logits(Logits product) {
    product.run();
  }
}
