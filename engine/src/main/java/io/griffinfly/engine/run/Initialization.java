package io.griffinfly.engine.run;

import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/// First values of states.
final class Initialization {
  private Initialization() {}

  /// The first value of a state.
  static Tensor of(Leaf.State state, long seed) {
    Tensor tensor = Tensor.zeros(state.type());
    switch (state.initializer()) {
      case Initializer.Fill(double value) -> fill(tensor, () -> value);
      case Initializer.Uniform(double low, double high) -> {
        SplittableRandom random = random(state.name(), seed);
        fill(tensor, () -> low + (high - low) * random.nextDouble());
      }
      case Initializer.Normal(double standardDeviation) -> {
        SplittableRandom random = random(state.name(), seed);
        fill(tensor, () -> standardDeviation * random.nextGaussian());
      }
    }
    return tensor;
  }

  private static void fill(Tensor tensor, java.util.function.DoubleSupplier values) {
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, values.getAsDouble());
    }
  }

  /// A generator of its own for each name, so that values do not depend on the order of states.
  private static SplittableRandom random(String name, long seed) {
    CRC32C checksum = new CRC32C();
    checksum.update(name.getBytes(StandardCharsets.UTF_8));
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + checksum.getValue());
  }
}
