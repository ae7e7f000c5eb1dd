package io.griffinfly.suites.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.adapter.AdapterResult.Mark;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnduredTest {
  private static final long MB = 1_000_000;

  private static Mark mark(int steps, @Nullable Long host, @Nullable Long device) {
    return new Mark(steps, steps, 1, host, device);
  }

  @Test
  void whatTheFirstStepsAllocateIsNoLeak() {
    Endured endured =
        Endured.of(
            List.of(
                mark(1, 500 * MB, 1_000 * MB),
                mark(1_000, 2_000 * MB, 1_200 * MB),
                mark(10_000, 2_050 * MB, 1_200 * MB)));
    assertTrue(endured.flat());
    assertEquals(50 * MB, endured.hostGrowth());
    assertEquals(0L, endured.deviceGrowth());
  }

  @Test
  void aHostThatGrowsIsNotFlat() {
    assertFalse(
        Endured.of(
                List.of(
                    mark(1, 500 * MB, null),
                    mark(1_000, 2_000 * MB, null),
                    mark(10_000, 2_200 * MB, null)))
            .flat());
  }

  /// Tensors are all there when the first step has run.
  @Test
  void aDeviceThatGrowsByAnythingIsNotFlat() {
    assertFalse(
        Endured.of(List.of(mark(1, null, 10L), mark(1_000, null, 10L), mark(10_000, null, 11L)))
            .flat());
  }

  @Test
  void aSingleStepShowsNothing() {
    assertTrue(Endured.of(List.of(mark(1, 500 * MB, 10L))).flat());
  }
}
