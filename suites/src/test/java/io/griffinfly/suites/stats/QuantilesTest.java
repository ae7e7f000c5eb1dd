package io.griffinfly.suites.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantilesTest {
  /// What R's quantile(c(15, 20, 35, 40, 50), p, type = 7) answers.
  @ParameterizedTest
  @CsvSource({"0,15", "0.05,16", "0.25,20", "0.3,23", "0.4,29", "0.5,35", "0.9,46", "1,50"})
  void typeSeven(double probability, double expected) {
    assertEquals(expected, Quantiles.of(new double[] {40, 15, 50, 20, 35}, probability), 1e-12);
  }

  @Test
  void medianOfAnEvenCountLiesBetween() {
    assertEquals(2.5, Quantiles.median(new double[] {4, 1, 3, 2}));
  }

  @Test
  void quantilesRiseWithTheProbabilityAndStayWithinTheValues() {
    SplittableRandom random = new SplittableRandom(5);
    for (int count = 1; count <= 33; count++) {
      double[] values = random.doubles(count).toArray();
      double least = Arrays.stream(values).min().orElseThrow();
      double before = least;
      for (int percent = 0; percent <= 100; percent++) {
        double now = Quantiles.of(values, percent / 100.0);
        assertTrue(now >= before, "n " + count + " at " + percent);
        before = now;
      }
      assertEquals(Arrays.stream(values).max().orElseThrow(), before);
    }
  }

  @Test
  void deviationOfANormalSampleIsItsStandardDeviation() {
    SplittableRandom random = new SplittableRandom(9);
    double[] values = new double[20_001];
    Arrays.setAll(values, _ -> 50 + 3 * random.nextGaussian());
    // The estimator's own standard deviation is 1.17 / sqrt(n) of the value, 0.8 %.
    assertEquals(3, Quantiles.scaledMad(values), 3 * 3 * 0.0083);
  }

  @Test
  void nothingHasNoMedian() {
    assertThrows(IllegalArgumentException.class, () -> Quantiles.median(new double[0]));
  }
}
