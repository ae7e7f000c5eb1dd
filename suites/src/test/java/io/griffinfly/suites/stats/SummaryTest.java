package io.griffinfly.suites.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void processIsTheUnit() {
    // One slow process with many samples does not outweigh two fast ones with few.
    double[] slow = new double[1000];
    Arrays.fill(slow, 100);
    Summary summary = Summary.of(List.of(slow, new double[] {10, 10}, new double[] {11, 11}));
    assertEquals(11, summary.value(), 1e-12);
    assertEquals(new Interval(10, 100, Interval.Method.RANGE), summary.interval());
    assertEquals(3, summary.processes());
    assertEquals(1004, summary.samples());
    assertEquals(10, summary.min());
  }

  @Test
  void percentilesNeedTenSamplesBeyondThem() {
    assertNull(Summary.of(List.of(new double[99])).p90());
    assertNotNull(Summary.of(List.of(IntStream.range(1, 101).asDoubleStream().toArray())).p90());
  }

  @Test
  void scatterWithinAProcessIsNoisyAndBetweenProcessesIsNot() {
    double[] calm = {10, 10.1, 9.9, 10.05, 9.95};
    double[] wild = {10, 12, 8, 11, 9};
    assertEquals(List.of("noisy"), Summary.of(List.of(calm, wild)).flags());
    double[] shifted = Arrays.stream(calm).map(value -> 2 * value).toArray();
    assertEquals(List.of(), Summary.of(List.of(calm, shifted)).flags());
  }

  @Test
  void outliersAreCountedAndKept() {
    double[] values = {10, 10, 10.1, 10.2, 9.9, 9.8, 10, 10.1, 10.5, 30};
    Summary summary = Summary.of(List.of(values));
    assertEquals(new Outliers(1, 1), summary.outliers());
    assertEquals(10, summary.samples());
    assertTrue(summary.flags().contains("noisy"), "one severe in ten is more than 5 %");
  }

  @Test
  void timesOfZeroAreAllowed() {
    Summary summary = Summary.of(List.of(new double[] {0}, new double[] {0}));
    assertEquals(0, summary.value());
    assertEquals(0, summary.madRelative());
  }

  @Test
  void ratioCancelsWhatSlowsAWholeRound() {
    double[] drift = {1, 1.3, 0.8, 1.1, 2, 1.5};
    double[] fast = Arrays.stream(drift).map(each -> 10 * each).toArray();
    double[] slow = Arrays.stream(drift).map(each -> 14 * each).toArray();
    Ratio ratio = Ratio.of(slow, fast);
    assertEquals(1.4, ratio.value(), 1e-12);
    assertEquals(1.4, ratio.interval().low(), 1e-12);
    assertEquals(1.4, ratio.interval().high(), 1e-12);
    assertEquals(1 / ratio.value(), Ratio.of(fast, slow).value(), 1e-12);
    assertTrue(!ratio.tied());
    assertTrue(Ratio.of(fast, fast).tied());
  }

  @Test
  void tieNeedsAnInterval() {
    double[] few = {1, 2, 3};
    assertTrue(!Ratio.of(few, few).tied(), "a range is no statement of confidence");
    assertThrows(IllegalArgumentException.class, () -> Ratio.of(few, new double[] {1, 2}));
  }

  @Test
  void orderIsAPermutationToldByItsSeed() {
    List<String> items = List.of("a", "b", "c", "d");
    Map<List<String>, Integer> counts = new HashMap<>();
    for (int seed = 0; seed < 4800; seed++) {
      List<String> order = Shuffle.of(items, seed);
      assertEquals(new HashSet<>(items), new HashSet<>(order));
      counts.merge(order, 1, Integer::sum);
    }
    assertEquals(Shuffle.of(items, 7), Shuffle.of(items, 7));
    assertNotEquals(Shuffle.of(items, 7), Shuffle.of(items, 8));
    // 24 orders of 200 expected each; chi square with 23 degrees of freedom exceeds 49.7 once in a
    // thousand.
    double chiSquare =
        counts.values().stream().mapToDouble(n -> (n - 200) * (n - 200) / 200.0).sum();
    assertEquals(24, counts.size());
    assertTrue(chiSquare < 49.7, "chi square " + chiSquare);
  }

  @Test
  void paceIsSteadyOnceItStopsFalling() {
    double[] falling = IntStream.range(0, 40).mapToDouble(i -> 100 * Math.pow(0.97, i)).toArray();
    assertTrue(!Pace.isSteady(falling));
    SplittableRandom random = new SplittableRandom(2);
    double[] level = new double[40];
    Arrays.setAll(level, _ -> 100 + random.nextGaussian());
    assertTrue(Pace.isSteady(level));
    assertTrue(!Pace.isSteady(Arrays.copyOf(level, 19)), "nineteen are too few to tell");
  }
}
