package io.griffinfly.models.truth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.models.synthetic.SplitMix64;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The test vectors of `models/truth/README.md`, and the promise that sketches keep norms.
class SummaryTest {
  private static final String KEY = "grad.model.embed_tokens.weight";

  @Test
  void positionsAreAsPublished() {
    assertEquals(0x66ce107825a98ac6L, SplitMix64.fnv1a64(KEY));
    assertArrayEquals(
        new long[] {4138627, 12096321, 1403610, 9750783}, Summary.positions(KEY, 28311552, 4));
  }

  @Test
  void hashesAreAsPublished() {
    long seed = SplitMix64.fnv1a64(KEY);
    assertEquals(0xd11aca567a066ebfL, Summary.hash(seed, 0));
    assertEquals(0xbe6ce12d4a31068fL, Summary.hash(seed, 1));
    assertEquals(0x7b7d855684c163L, Summary.hash(seed, 2));
  }

  @Test
  void theSketchIsAsPublished() {
    double[] sketch = Summary.sketch(KEY, 2000, i -> i + 1, 1024);
    assertArrayEquals(new double[] {0, -126, 1108, -3441, -3047, 2646}, Arrays.copyOf(sketch, 6));
  }

  @ParameterizedTest
  @ValueSource(ints = {576, 5000, 1_048_577, 3_000_000})
  void theNormOfADifferenceIsEstimated(int size) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(size);
    double[] a = random.doubles(size).toArray();
    double[] gap = random.doubles(size).map(x -> (x - 0.5) * 1e-6).toArray();
    double[] b = new double[size];
    Arrays.setAll(b, i -> a[i] + gap[i]);
    double[] sketchA = Summary.sketch("k", size, i -> a[(int) i], 1024);
    double[] sketchB = Summary.sketch("k", size, i -> b[(int) i], 1024);
    double estimate = 0;
    for (int i = 0; i < 1024; i++) {
      estimate += Math.pow(sketchA[i] - sketchB[i], 2);
    }
    double norm = Math.sqrt(Arrays.stream(gap).map(x -> x * x).sum());
    // Relative standard deviation of the estimate: 1/√(2·1024) = 2.2 %; four of them.
    assertEquals(1, Math.sqrt(estimate) / norm, 0.09);
  }
}
