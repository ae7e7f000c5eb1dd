package io.griffinfly.suites.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntervalTest {
  /// Tabled for the sign test: 1 - 2 P(Bin(n, 1/2) < r) >= 0.95.
  @ParameterizedTest
  @CsvSource({"1,0", "5,0", "6,1", "8,1", "9,2", "10,2", "11,2", "12,3", "20,6", "30,10", "40,14"})
  void rankIsThatOfTheSignTest(int count, int rank) {
    assertEquals(rank, Interval.rank(count));
  }

  @Test
  void rankIsTheGreatestThatKeepsTheConfidence() {
    for (int count = 1; count <= 60; count++) {
      int rank = Interval.rank(count);
      assertTrue(rank == 0 || confidence(count, rank) >= 0.95, "n " + count);
      assertTrue(confidence(count, rank + 1) < 0.95, "n " + count);
    }
  }

  private static double confidence(int count, int rank) {
    double tail = 0;
    for (int j = 0; j < rank; j++) {
      tail += binomial(count, j);
    }
    return 1 - 2 * tail;
  }

  private static double binomial(int count, int chosen) {
    double result = Math.pow(0.5, count);
    for (int i = 0; i < chosen; i++) {
      result = result * (count - i) / (i + 1);
    }
    return result;
  }

  /// 4,000 draws: the share that covers has a standard deviation of 0.35 %, so three of them below
  /// the exact confidence is far outside chance; a bug of one rank moves it by 3 % or more.
  @ParameterizedTest
  @ValueSource(ints = {6, 9, 10, 15, 40})
  void coversTheMedianOfASkewedDistributionAsOftenAsItSays(int count) {
    SplittableRandom random = new SplittableRandom(count);
    double median = Math.exp(1.0);
    int draws = 4000;
    long covered =
        IntStream.range(0, draws)
            .filter(_ -> Interval.ofMedian(logNormal(random, count)).covers(median))
            .count();
    double exact = confidence(count, Interval.rank(count));
    assertEquals(exact, covered / (double) draws, 3 * Math.sqrt(exact * (1 - exact) / draws));
  }

  private static double[] logNormal(SplittableRandom random, int count) {
    return IntStream.range(0, count)
        .mapToDouble(_ -> Math.exp(1 + 0.7 * random.nextGaussian()))
        .toArray();
  }

  @Test
  void fewProcessesHaveARangeAndNoInterval() {
    Interval interval = Interval.ofMedian(new double[] {3, 1, 2});
    assertEquals(new Interval(1, 3, Interval.Method.RANGE), interval);
  }

  @Test
  void orderOfTheValuesDoesNotMatter() {
    SplittableRandom random = new SplittableRandom(3);
    double[] values = logNormal(random, 17);
    double[] reversed = IntStream.range(0, 17).mapToDouble(i -> values[16 - i]).toArray();
    double[] untouched = values.clone();
    assertEquals(Interval.ofMedian(values), Interval.ofMedian(reversed));
    assertTrue(Arrays.equals(untouched, values), "the input was sorted in place");
  }

  /// Rank 3 of 12 values: no sample may move the ends but those at the ends.
  @Test
  void endsAreOrderStatistics() {
    double[] values = IntStream.rangeClosed(1, 12).mapToDouble(i -> i).toArray();
    assertEquals(new Interval(3, 10, Interval.Method.ORDER_STAT), Interval.ofMedian(values));
  }
}
