package io.griffinfly.suites.micro;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import java.util.Map;
import java.util.Random;

/// A session over a graph of one product, x · wᵀ, as a linear layer has it: the weight is a
/// parameter, packed when it changes and not in each run.
final class OneProduct implements AutoCloseable {
  private final int rows;
  private final int columns;
  private final int depth;
  private final float[] x;
  private final JvmDevice device = JvmDevice.onAllProcessors();
  private final Parameters parameters;
  private final Session session;

  OneProduct(int rows, int columns, int depth) {
    this.rows = rows;
    this.columns = columns;
    this.depth = depth;
    var g = new GraphBuilder();
    Node input = g.input("x", DType.F32, rows, depth);
    Node weight = g.parameter("w", new Initializer.Normal(1), columns, depth);
    g.output("y", g.matMul(input, weight, false, true));
    var graph = g.build();
    parameters = Parameters.initialize(device, graph, 1);
    session = Session.inference(graph, parameters);
    x = random(rows * depth);
    session.input("x", Tensor.of(x, rows, depth));
  }

  private static float[] random(int count) {
    Random random = new Random(2);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  void run() {
    session.run();
  }

  /// Computes the product of zeros in place of x, which the check cannot but find wrong.
  void runOnZeros() {
    session.input("x", Tensor.of(new float[rows * depth], rows, depth));
    session.run();
  }

  /// Compares some elements of the last run with double precision, then frees everything.
  ///
  /// @throws IllegalStateException if one is wrong
  @Override
  public void close() {
    float[] y = session.output("y").toFloats();
    float[] w = parameters.get("w").toFloats();
    Random random = new Random(3);
    for (int sample = 0; sample < 64; sample++) {
      int row = random.nextInt(rows);
      int column = random.nextInt(columns);
      double sum = 0;
      double size = 0;
      for (int i = 0; i < depth; i++) {
        double term = (double) x[row * depth + i] * w[column * depth + i];
        sum += term;
        size += Math.abs(term);
      }
      float found = y[row * columns + column];
      // A sum of `depth` products in any order, in single precision.
      if (!(Math.abs(found - sum) <= depth * 0x1p-24 * size)) {
        throw new IllegalStateException(
            Map.of("row", row, "column", column, "found", found, "exact", sum).toString());
      }
    }
    session.close();
    parameters.close();
    device.close();
  }
}
