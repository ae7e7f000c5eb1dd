package io.griffinfly.suites.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.KernelTime;
import io.griffinfly.suites.adapter.AdapterResult.Peak;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.plan.Contender;
import io.griffinfly.suites.plan.PlannedUnit;
import io.griffinfly.suites.run.UnitRecord;
import io.griffinfly.suites.run.UnitStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Percentages of a peak that is easy to reckon with: 100 GFLOP/s and 10 GB/s.
class KernelTableTest {
  private static final Peak PEAK = new Peak(2, 100e9, null, 10e9, null);

  /// Bound by arithmetic: 1 GFLOP in 20 ms, half of the peak.
  private static final KernelTime PRODUCT = new KernelTime("product", 3, 20e6, 1e9, 1e6, null);

  /// Bound by memory: 50 MB in 10 ms, half of the peak too.
  private static final KernelTime COPY = new KernelTime("copy", 1, 10e6, 0, 50e6, false);

  /// Its operands were in a cache: 40 MB in 2 ms.
  private static final KernelTime CACHED = new KernelTime("cached", 1, 2e6, 0, 40e6, null);

  private static Row row(@Nullable Peak peak, KernelTime... kernels) {
    AdapterResult result =
        new AdapterResult(
            1,
            "nonce",
            new AdapterResult.FrameworkFacts("fake", "1", null, null, null, null, null),
            new AdapterResult.DeviceFacts("cpu", "cpu", "cpu", null, null),
            null,
            1L,
            Map.of(
                "forward",
                    new AdapterResult.ProgramTimes(
                        1, 1, null, null, null, List.of(kernels), 12, null),
                "latency",
                    new AdapterResult.ProgramTimes(1, 1, null, null, null, List.of(), null, null)),
            Map.of(),
            peak,
            List.of());
    Contender contender = new Contender("fake", "default");
    PlannedUnit unit = new PlannedUnit("unit", "case", 0, Mode.BENCH, contender, true);
    UnitRecord record =
        new UnitRecord(unit, UnitStatus.OK, null, "now", 1, 0, "unit.log", result, null, Map.of());
    return new Row("case", contender, List.of(record));
  }

  private static String line(String table, String start) {
    return table.lines().filter(each -> each.startsWith(start)).findFirst().orElseThrow();
  }

  @Test
  void eachKernelIsHeldAgainstTheLimitThatBindsIt() {
    String table = KernelTable.render(row(PEAK, COPY, PRODUCT, CACHED), Painter.NONE);
    assertEquals(
        "product      3  20.0   62.5 %   1.00     50.0  1.00  0.050   50.0 %",
        line(table, "product"));
    assertTrue(line(table, "copy").endsWith("50.0 %"), table);
    assertTrue(line(table, "cached").endsWith("200.0 %"), table);
    assertTrue(table.indexOf("product") < table.indexOf("copy"), "the most expensive first");
    assertTrue(line(table, "all").contains("32.0  100.0 %"), table);
  }

  @Test
  void bottomLineHoldsAllOperationsAgainstThePeak() {
    String table = KernelTable.render(row(PEAK, PRODUCT, COPY, CACHED), Painter.NONE);
    assertEquals(
        "forward at 31.3 % of the FLOP floor: 32.0 ms for 1.00 GFLOP, which take 10.0 ms at 100"
            + " GFLOP/s",
        line(table, "forward at"));
    assertTrue(
        table.contains(
            "peak of this machine, measured: 100 GFLOP/s and 10.0 GB/s from memory on 2 threads"),
        table);
    assertFalse(table.contains("latency"), "a program without kernels has no table: " + table);
  }

  @Test
  void deviceOfItsOwnIsMeasuredByCopyingAndHasAFloorOfBarriers() {
    assertFalse(KernelTable.render(row(PEAK, PRODUCT), Painter.NONE).contains("waits"));
    Peak device = new Peak(null, 100e9, null, 10e9, 2500.0);
    String table = KernelTable.render(row(device, PRODUCT), Painter.NONE);
    assertTrue(
        table.contains(
            "forward waits 12 times for all before it, which takes 0.030 ms of any kernels: 2.50 us"
                + " a barrier, measured\n"),
        table);
    assertTrue(
        table.contains(
            "peak of this device, measured: 100 GFLOP/s in f32 multiply-adds and 10.0 GB/s copied\n"),
        table);
  }

  /// 1 GFLOP in 5 ms is twice what single multiply-adds do, and a fifth of what matrix units do.
  @Test
  void kernelsOnMatrixUnitsAreHeldAgainstThose() {
    Peak device = new Peak(null, 100e9, 1000e9, 10e9, null);
    KernelTime halves = new KernelTime("halves", 1, 5e6, 1e9, 1e6, true);
    String table = KernelTable.render(row(device, PRODUCT, halves), Painter.NONE);
    assertTrue(line(table, "halves").endsWith("20.0 %"), table);
    assertTrue(line(table, "product").endsWith("50.0 %"), table);
    assertEquals(
        "forward at 44.0 % of the FLOP floor: 25.0 ms for 2.00 GFLOP, which take 11.0 ms at the"
            + " rates measured",
        line(table, "forward at"));
    assertTrue(
        table.contains(
            "measured: 100 GFLOP/s in f32 multiply-adds, 1000 of halves on matrix units and 10.0"
                + " GB/s copied\n"),
        table);
    assertFalse(table.contains("kernels computed faster than this peak"), table);
  }

  @Test
  void peakThatKernelsExceedIsSaidToBeNone() {
    String said = "kernels computed faster than this peak";
    assertFalse(KernelTable.render(row(PEAK, PRODUCT, CACHED), Painter.NONE).contains(said));
    Peak low = new Peak(2, 40e9, null, 10e9, null);
    assertTrue(KernelTable.render(row(low, PRODUCT), Painter.NONE).contains(said));
  }

  @Test
  void withoutAPeakThereAreTimesAndNoPercentages() {
    String table = KernelTable.render(row(null, PRODUCT), Painter.NONE);
    assertTrue(line(table, "product").endsWith("-"), table);
    assertTrue(table.contains("forward: no peak was measured"), table);
    assertEquals("", KernelTable.render(row(PEAK), Painter.NONE), "nothing was timed");
  }
}
