package io.griffinfly.suites.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.adapter.AdapterResult.MetricSamples;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AuditTest {
  private static final long LONG = 1_000_000_000;

  private static MetricSamples samples(List<Long> nanos, long bracket, long readback) {
    return new MetricSamples(3, 10, true, 1, nanos, bracket, readback, true);
  }

  private static String problem(MetricSamples samples) {
    return Objects.requireNonNull(Audit.of("forward_ms", samples, 5, LONG).problem());
  }

  @Test
  void honestSamplesPass() {
    Audit audit = Audit.of("forward_ms", samples(List.of(10L, 11L, 10L, 12L, 10L), 56, 2), 5, LONG);
    assertNull(audit.problem());
    assertEquals(53 / 54.0, audit.bracket(), 1e-12);
  }

  @Test
  void unsynchronisedTimerLeavesItsQueueOutsideTheSamples() {
    assertTrue(problem(samples(List.of(1L, 1L, 1L, 1L, 1L), 55, 2)).contains("add up to 0.09"));
  }

  @Test
  void bestOfManyDropsTheRest() {
    // Twenty iterations of 10 to 14, the best five reported.
    assertTrue(problem(samples(List.of(10L, 10L, 10L, 10L, 10L), 240, 2)).contains("add up to"));
  }

  @Test
  void countingTwiceExceedsTheWallClock() {
    assertTrue(
        problem(samples(List.of(20L, 20L, 20L, 20L, 20L), 52, 2)).contains("add up to 1.92"));
  }

  @Test
  void readbackThatTookLongerBeforeIsNoDoubleCounting() {
    // Seen: 3.36 s of samples in 3.47 s of wall time, after a first readback of 0.34 s.
    assertNull(Audit.of("m", samples(List.of(7L, 7L, 7L, 7L, 6L), 35, 4), 5, LONG).problem());
    assertNotNull(Audit.of("m", samples(List.of(7L, 7L, 7L, 7L, 8L), 35, 4), 5, LONG).problem());
  }

  @Test
  void tooFewSamplesAreNoResult() {
    assertTrue(problem(samples(List.of(10L), 12, 2)).contains("1 samples, asked for 5"));
  }

  @Test
  void timesThatCannotBe() {
    assertTrue(problem(samples(List.of(10L, 10L, 10L, 0L, 10L), 42, 2)).contains("not positive"));
    assertNotNull(
        Audit.of("forward_ms", samples(List.of(10L, 10L, 10L, 10L, 10L), 52, 2), 5, 20).problem());
  }
}
