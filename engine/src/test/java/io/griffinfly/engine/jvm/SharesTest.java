package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharesTest {
  @ParameterizedTest
  @CsvSource({"0, 1, 4, 2", "1, 1, 1, 1", "7, 3, 3, 2", "192, 2, 16, 2", "49152, 14, 227, 16"})
  void everyUnitIsInOneTaskOfItsSize(int units, int least, int most, int threads) {
    Shares shares = Shares.of(units, least, most, threads);
    int covered = 0;
    for (int task = 0; task < shares.count(); task++) {
      assertEquals(covered, shares.first(task));
      boolean last = task == shares.count() - 1;
      assertTrue(shares.size(task) <= most && (last || shares.size(task) >= least));
      assertTrue(task == 0 || shares.size(task) <= shares.size(task - 1), "they never grow");
      covered += shares.size(task);
    }
    assertEquals(units, covered);
    assertEquals(units, shares.first(shares.count()));
    assertEquals(units == 0 ? 0 : shares.size(0), shares.most());
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "16"})
  void theLastTaskIsSmallAgainstAThreadsShare(int threads) {
    Shares shares = Shares.of(1000, 1, 1000, threads);
    assertTrue(shares.size(shares.count() - 1) <= Math.max(1, 1000 / threads / 50));
  }
}
