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

/// Products of one row, as generating a token needs them: each weight is read once, so memory is
/// the limit. Thousands of the weights' bytes are counted: `ops/us` is GB/s, to be set beside
/// `MachineLimits.read`. The smaller weight fits the last-level cache and may exceed it.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class OneRowProducts {
  private static final int HIDDEN = 576;
  private static final int FEED_FORWARD = 1536;
  private static final int VOCABULARY = 49_152;

  /// The feed-forward's gate or up projection.
  @State(Scope.Benchmark)
  public static class Up extends ProductState {
    /// Of its shape.
    public Up() {
      super(1, FEED_FORWARD, HIDDEN);
    }
  }

  /// The scores of the vocabulary.
  @State(Scope.Benchmark)
  public static class Logits extends ProductState {
    /// Of its shape.
    public Logits() {
      super(1, VOCABULARY, HIDDEN);
    }
  }

  /// 1 x FEED_FORWARD x HIDDEN.
  @Benchmark
  @OperationsPerInvocation((int) (4L * FEED_FORWARD * HIDDEN / 1000))
  public void up(Up product) {
    product.run();
  }

  /// 1 x VOCABULARY x HIDDEN.
  @Benchmark
  @OperationsPerInvocation((int) (4L * VOCABULARY * HIDDEN / 1000))
  public void logits(Logits product) {
    product.run();
  }
}
