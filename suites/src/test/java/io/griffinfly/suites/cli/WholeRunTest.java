package io.griffinfly.suites.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The command from its flags to its files, with two frameworks that take real time.
class WholeRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path root;

  @Test
  void quickRunMeasuresValidatesAndWritesEverything() throws IOException {
    TestProject project = new TestProject(root).jvmPeer("fake", List.of("forward"), "one", "two");
    TestProject.Outcome outcome =
        project.run(
            "--case",
            project.bundle(false).toString(),
            "--json",
            "--threads",
            "1",
            "--picture",
            root.resolve("pictures/run.svg").toString());
    assertEquals(0, outcome.status(), outcome.err());
    Path later = root.resolve("later.svg");
    assertEquals(0, project.run("--picture", later.toString()).status());
    assertEquals(Files.readString(root.resolve("pictures/run.svg")), Files.readString(later));
    JsonNode report = JSON.readTree(outcome.out());
    Path run = project.onlyRun();
    assertAll(
        () -> assertEquals(0, report.path("exit_code").intValue()),
        () -> assertEquals(2, report.path("results").size()),
        () -> assertEquals(run.getFileName().toString(), report.path("run_id").asText()),
        () -> assertFalse(Files.exists(run.resolve("work")), "work files remain"));
    for (JsonNode result : report.path("results")) {
      checkResult(result);
    }
    checkOrder(run);
    List<String> csv = Files.readAllLines(run.resolve("results.csv"));
    assertEquals(1 + report.path("results").path(0).path("metrics").size() * 2, csv.size());
    assertTrue(csv.getFirst().startsWith("run_id,case,case_sha256,"), csv.getFirst());
  }

  private static void checkResult(JsonNode result) {
    JsonNode forward = result.path("metrics").path("forward_ms");
    JsonNode processes = forward.path("processes");
    double value = forward.path("value").doubleValue();
    int samples = 0;
    for (JsonNode process : processes) {
      samples += process.size();
      assertTrue(process.size() >= 5, "samples of a process: " + process.size());
    }
    int counted = samples;
    assertAll(
        () -> assertEquals("ok", result.path("status").asText()),
        () -> assertEquals(3, processes.size()),
        () -> assertEquals(3, forward.path("n_proc").intValue()),
        () -> assertEquals(counted, forward.path("n").intValue()),
        () -> assertEquals("RANGE", forward.path("ci_method").asText()),
        () -> assertTrue(forward.path("low").doubleValue() <= value),
        () -> assertTrue(value <= forward.path("high").doubleValue()),
        // The fake spins for 0.2 ms; the rest is its arithmetic and the machine's other work.
        () -> assertTrue(value >= 0.2 && value < 200, "forward_ms " + value),
        () ->
            assertEquals(
                2, result.path("metrics").path("compile_cold_ms").path("n_proc").intValue()),
        () ->
            assertEquals(
                3, result.path("metrics").path("compile_warm_ms").path("n_proc").intValue()),
        () ->
            assertTrue(result.path("metrics").path("host_peak_mb").path("value").doubleValue() > 1),
        () -> assertEquals("PASS", result.path("correctness").path("verdict").asText()),
        () -> assertEquals("fp32", result.path("correctness").path("precision_class").asText()),
        () -> assertEquals(1, result.path("env").path("threads").intValue()),
        () -> assertEquals(3, result.path("audits").path("forward_ms").size()),
        () ->
            assertTrue(
                result.path("audits").path("forward_ms").path(0).path("poisoned").booleanValue()));
  }

  /// Every process is in the journal once, and rounds are not mixed.
  private static void checkOrder(Path run) throws IOException {
    JsonNode plan = JSON.readTree(run.resolve("plan.json").toFile());
    int round = 0;
    for (JsonNode unit : plan.path("units")) {
      assertTrue(unit.path("round").intValue() >= round);
      round = unit.path("round").intValue();
    }
    List<String> done;
    try (Stream<String> lines = Files.lines(run.resolve("journal.jsonl"))) {
      done = lines.filter(line -> line.contains("\"event\":\"done\"")).toList();
    }
    assertEquals(plan.path("units").size(), done.size());
    assertEquals(2 * (2 + 3), done.size(), "three timed, one verified, one that only compiles");
  }

  @Test
  void allProgramsAreTimedAndTheTableShowsThem() throws IOException {
    TestProject project =
        new TestProject(root).jvmPeer("fake", TestProject.ALL_PROGRAMS, "default");
    project.jvmPeer("inference", List.of("forward"), "default");
    TestProject.Outcome outcome =
        project.run("--case", project.bundle(true).toString(), "--rounds", "1");
    assertEquals(0, outcome.status(), outcome.err());
    String table = outcome.out();
    for (String heading :
        List.of(
            "Forward ms",
            "vs best",
            "Latency ms",
            "Train step ms",
            "Compile cold s",
            "Train compile s",
            "Peak memory",
            "relL2 out",
            "relL2 grad p95",
            "Verdict")) {
      assertTrue(table.contains(heading), table);
    }
    String inference =
        table.lines().filter(line -> line.startsWith("inference")).findFirst().orElseThrow();
    assertTrue(inference.contains("n/s"), "no training under an inference runtime: " + inference);
    assertTrue(table.contains("provisional"), table);
    assertTrue(table.contains("1.00x"), table);
    assertFalse(table.contains("On device"), "nothing has memory of its own: " + table);
    assertFalse(table.contains("\u001b"), "colours in a file");
  }

  @Test
  void publishedRunsAreSealedAndMerged() throws IOException {
    TestProject project = new TestProject(root).jvmPeer("fake", List.of("forward"), "default");
    String[] run = {"--case", project.bundle(false).toString(), "--verify-only"};
    assertEquals(0, project.run(run).status());
    TestProject.Outcome refused = project.run("--update");
    assertEquals(2, refused.status());
    assertTrue(refused.err().contains("private case"), refused.err());

    pretendPublic(project.onlyRun());
    TestProject.Outcome published = project.run("--update");
    assertEquals(0, published.status(), published.err());
    Path raw = root.resolve("results/raw").resolve(project.onlyRun().getFileName());
    for (String line : Files.readAllLines(raw.resolve("SHA256SUMS"))) {
      assertEquals(line.substring(0, 64), FileDigest.sha256(raw.resolve(line.substring(66))));
    }
    String tables = Files.readString(root.resolve("results/TABLES.md"));
    assertTrue(
        tables.contains(
            "| Platform | Framework | Compile (s) | Inference (ms) | Latency (ms) | Training (ms) |"
                + " Loss |"),
        tables);
    assertTrue(tables.contains("## linear@b2"), tables);
    assertEquals(0, project.run("--update").status());
    assertEquals(tables, Files.readString(root.resolve("results/TABLES.md")), "twice is once");
  }

  private static void pretendPublic(Path run) throws IOException {
    Path plan = run.resolve("plan.json");
    Files.writeString(
        plan,
        Files.readString(plan)
            .replaceFirst("\"case_directory\" : \"[^\"]*\"", "\"case_directory\" : null"));
  }
}
