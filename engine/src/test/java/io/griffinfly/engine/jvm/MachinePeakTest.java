package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// The measured peak is one that a processor can have: the bounds are those of any machine that
/// runs this, a factor of ten and more on either side.
class MachinePeakTest {
  @Test
  void ratesAreThoseOfAProcessor() {
    MachinePeak one = MachinePeak.measure(1);
    assertEquals(1, one.threads());
    // Two multiply-adds a cycle are the most that x86 and Arm cores start; no core reaches 7 GHz.
    double most = 2 * 2 * Lanes.COUNT * 7e9;
    assertTrue(one.flopsPerSecond() <= most, one.toString());
    // Vectors that were boxed would be a hundred times slower than one multiply-add in two cycles.
    assertTrue(one.flopsPerSecond() >= most / 100, one.toString());
    assertTrue(one.bytesPerSecond() >= 2e8 && one.bytesPerSecond() <= 1e12, one.toString());
  }
}
