package io.griffinfly.suites.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.adapter.AdapterResult.FrameworkFacts;
import io.griffinfly.suites.plan.Profile;
import io.griffinfly.suites.run.UnitStatus;
import io.griffinfly.suites.stats.Interval;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MarkdownTablesTest {
  private static ResultDocument document(String run, String gpu, double millis) {
    var forward =
        new ResultDocument.Measured(
            "ms",
            millis,
            millis,
            millis,
            Interval.Method.RANGE,
            1,
            9,
            millis,
            null,
            0.01,
            List.of(0, 0),
            List.of(),
            List.of());
    return new ResultDocument(
        ResultDocument.SCHEMA,
        run,
        run + "/case/griffinfly",
        UnitStatus.OK,
        null,
        "case",
        "0",
        new FrameworkFacts("griffinfly", "1", "vulkan", null, null, null, null),
        "vulkan",
        new DeviceFacts("id", "discrete", gpu, "1", null),
        new Environment("0", "a CPU", "", "", "", "", 2, 0, "", 2, null, null, null, "today"),
        new ResultDocument.Protocol(Profile.QUICK, 1, 7, "vulkan", 2, Profile.QUICK.sampling()),
        Map.of("forward_ms", forward),
        null,
        Map.of(),
        null,
        Map.of(),
        List.of());
  }

  /// Rows of the first table, which end in a loss that nothing has.
  private static List<String> overview(ResultDocument... documents) {
    return MarkdownTables.of(List.of(documents))
        .lines()
        .filter(line -> line.startsWith("| ") && line.endsWith("| - |"))
        .toList();
  }

  /// The machine's processor is the same; so rented machines are.
  @Test
  void resultsOfAnotherGpuStandBesideEachOther() {
    List<String> rows = overview(document("1", "small", 3), document("2", "large", 2));
    assertEquals(2, rows.size(), rows::toString);
    assertTrue(rows.getFirst().startsWith("| large, "), rows.getFirst());
    assertTrue(rows.getLast().startsWith("| small, "), rows.getLast());
  }

  @Test
  void aLaterResultReplacesThatOfTheSameDevice() {
    List<String> rows = overview(document("2", "small", 2), document("1", "small", 3));
    assertEquals(1, rows.size(), rows::toString);
    assertTrue(rows.getFirst().contains("| 2.00 |"), rows.getFirst());
  }
}
