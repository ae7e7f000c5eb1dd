package io.griffinfly.suites.griffinfly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--kernels` and `--trace` of the engine itself, on the tiny model: every figure is there, and
/// the two agree on which kernels there are.
class ObservationTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> TIMED = List.of("forward", "latency", "train_sgd");

  @TempDir Path root;

  @Test
  void kernelsAreTimedAgainstThePeakAndTraced() throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    Path file = root.resolve("traces/tiny.json");
    TestProject.Outcome outcome =
        project.run(
            "--case",
            project.tinyBundle().toString(),
            "--device",
            "cpu",
            "--kernels",
            "--trace",
            file.toString(),
            "--threads",
            "1",
            "--json");
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    JsonNode kernels = JSON.readTree(outcome.out()).path("results").path(0).path("kernels");
    double flopsPerNano = kernels.path("peak").path("flops_per_second").doubleValue() / 1e9;
    double bytesPerNano = kernels.path("peak").path("bytes_per_second").doubleValue() / 1e9;
    assertTrue(flopsPerNano > 0 && bytesPerNano > 0, kernels.path("peak").toString());
    JsonNode trace = JSON.readTree(file.toFile());
    for (String program : TIMED) {
      JsonNode found = kernels.path("programs").path(program);
      checkProgram(found, flopsPerNano, bytesPerNano);
      Set<String> names = new HashSet<>();
      found.path("kernels").forEach(kernel -> names.add(kernel.path("name").asText()));
      checkTrack(trace, program, names);
    }
    try (var all = Files.list(file.getParent())) {
      assertEquals(List.of(file), all.toList(), "nothing lies beside the trace");
    }
  }

  private static void checkProgram(JsonNode program, double flopsPerNano, double bytesPerNano) {
    double nanos = 0;
    double flops = 0;
    assertFalse(program.path("kernels").isEmpty(), program.toString());
    for (JsonNode kernel : program.path("kernels")) {
      nanos += kernel.path("nanos").doubleValue();
      flops += kernel.path("flops").doubleValue();
      double floor =
          Math.max(
              kernel.path("flops").doubleValue() / flopsPerNano,
              kernel.path("bytes").doubleValue() / bytesPerNano);
      assertEquals(
          floor / kernel.path("nanos").doubleValue(),
          kernel.path("of_peak").doubleValue(),
          1e-9,
          kernel.toString());
    }
    assertEquals(nanos, program.path("nanos").doubleValue(), 1e-3);
    assertEquals(flops / flopsPerNano / nanos, program.path("of_flop_floor").doubleValue(), 1e-9);
  }

  /// A track holds how its program was compiled, then one run with its kernels one after the other.
  private static void checkTrack(JsonNode trace, String program, Set<String> kernels) {
    Map<String, JsonNode> phases = new LinkedHashMap<>();
    List<JsonNode> within = new ArrayList<>();
    int track = track(trace, program);
    for (JsonNode event : trace.path("traceEvents")) {
      if (event.path("ph").asText().equals("X") && event.path("tid").intValue() == track) {
        String name = event.path("name").asText();
        if (kernels.contains(name)) {
          within.add(event);
        } else {
          assertTrue(phases.put(name, event) == null, "twice: " + name);
        }
      }
    }
    assertEquals(
        List.of("compile", "optimizer RAISE", "optimizer LOWER", "prepare", "run"),
        List.copyOf(phases.keySet()));
    JsonNode run = phases.getOrDefault("run", trace);
    double before = begin(run);
    Set<String> traced = new HashSet<>();
    for (JsonNode kernel : within) {
      traced.add(kernel.path("name").asText());
      assertTrue(begin(kernel) >= before, "kernels overlap: " + kernel);
      before = end(kernel);
    }
    assertTrue(before <= end(run) + 1e-3, "a kernel lies outside of its run");
    assertEquals(kernels, traced);
    JsonNode compile = phases.getOrDefault("compile", trace);
    JsonNode lower = phases.getOrDefault("optimizer LOWER", trace);
    assertTrue(begin(lower) >= begin(compile) && end(lower) <= end(compile) + 1e-3);
  }

  private static int track(JsonNode trace, String program) {
    for (JsonNode event : trace.path("traceEvents")) {
      if (event.path("name").asText().equals("thread_name")
          && event.path("args").path("name").asText().equals(program)) {
        return event.path("tid").intValue();
      }
    }
    throw new AssertionError("no track " + program);
  }

  private static double begin(JsonNode event) {
    return event.path("ts").doubleValue();
  }

  private static double end(JsonNode event) {
    return begin(event) + event.path("dur").doubleValue();
  }

  @Test
  void placeThatCannotBeWrittenIsRefusedBeforeAnythingRuns() throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    Path blocked = Files.writeString(root.resolve("blocked"), "");
    TestProject.Outcome outcome =
        project.run(
            "--case",
            project.tinyBundle().toString(),
            "--trace",
            blocked.resolve("trace.json").toString());
    assertEquals(1, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains("cannot write " + blocked.resolve("trace.json")));
    assertFalse(Files.exists(root.resolve("results")), "a run was begun");
  }

  @Test
  void frameworkWithoutTraceIsSaidToHaveNone() throws IOException {
    TestProject project = new TestProject(root).jvmPeer("fake", List.of("forward"), "default");
    Path file = root.resolve("trace.json");
    TestProject.Outcome outcome =
        project.run(
            "--case", project.bundle(false).toString(), "-f", "fake", "--trace", file.toString());
    assertEquals(3, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains("griffinfly: no trace: none of these frameworks wrote one"));
    assertFalse(Files.exists(file));
  }
}
