package io.griffinfly.suites.micro;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// A product that lives as long as a trial; what it computed last is checked at the trial's end.
@State(Scope.Benchmark)
public abstract class ProductState {
  private final int rows;
  private final int columns;
  private final int depth;
  private @Nullable OneProduct product;

  /// Of a shape.
  ///
  /// @param rows of x and of the result
  /// @param columns of the result
  /// @param depth length of each sum
  protected ProductState(int rows, int columns, int depth) {
    this.rows = rows;
    this.columns = columns;
    this.depth = depth;
  }

  /// Compiles it.
  @Setup
  public void open() {
    product = new OneProduct(rows, columns, depth);
  }

  /// Computes it once.
  public void run() {
    java.util.Objects.requireNonNull(product).run();
  }

  /// Computes what the check must find wrong.
  void runOnZeros() {
    java.util.Objects.requireNonNull(product).runOnZeros();
  }

  /// Checks and frees it.
  @TearDown
  public void close() {
    java.util.Objects.requireNonNull(product).close();
  }
}
