package io.griffinfly.suites.micro;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// A product whose check must fail: `BenchmarksRunTest` proves by it that a wrong result ends a run
/// of benchmarks. It measures nothing.
@BenchmarkMode(Mode.SingleShotTime)
public class DeliberatelyWrong {
  /// A small product.
  @State(Scope.Benchmark)
  public static class Small extends ProductState {
    /// Of its shape.
    public Small() {
      super(2, 3, 4);
    }
  }

  /// 2 x 3 x 4, of another matrix than the check knows of.
  @Benchmark
  public void product(Small product) {
    product.runOnZeros();
  }
}
