package io.griffinfly.suites.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.griffinfly.suites.fake.LinearAdapter;
import io.griffinfly.suites.fake.LinearGpuAdapter;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--device auto` on a machine with a GPU and on one without, and what of each framework runs
/// there: its variants for that device, under the name that it has for it.
class AutoDeviceTest {
  @TempDir Path root;
  private TestProject project = new TestProject(Path.of(""));

  @BeforeEach
  void makeProject() throws IOException {
    project = new TestProject(root);
    project.manifest(
        "other",
        Map.ofEntries(
            Map.entry("schema", "griffinfly-peer/1.0"),
            Map.entry("name", "other"),
            Map.entry("title", "Other"),
            Map.entry("variants", List.of("plain", "graphs")),
            Map.entry("devices", List.of("cpu", "cuda")),
            Map.entry("only_on", Map.of("cuda", List.of("graphs"))),
            Map.entry("stands_for", Map.of("vulkan", "cuda")),
            Map.entry("programs", List.of("forward")),
            Map.entry("architectures", List.of("linear")),
            Map.entry("launch", LinearGpuAdapter.launch(LinearGpuAdapter.class))));
  }

  /// Label and device of each row.
  private List<String> rows(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--case", project.bundle(false).toString(), "--verify-only", "--json"));
    TestProject.Outcome outcome = project.run(all.toArray(String[]::new));
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    JsonNode document = new ObjectMapper().readTree(outcome.out());
    assertEquals(0, document.path("absent").size(), document.path("absent").toString());
    List<String> rows = new ArrayList<>();
    for (JsonNode result : document.path("results")) {
      String unit = result.path("unit_id").asText();
      rows.add(
          unit.substring(unit.lastIndexOf('/') + 1)
              + " "
              + result.path("device").path("id").asText());
    }
    rows.sort(null);
    return rows;
  }

  @Test
  void takesTheGpuWithHardware() throws IOException {
    project.manifest("griffinfly", LinearGpuAdapter.manifest(LinearGpuAdapter.class));
    List<String> onGpu =
        List.of("griffinfly:vulkan vulkan", "other:graphs cuda", "other:plain cuda");
    assertEquals(onGpu, rows());
    assertEquals(onGpu, rows("--device", "auto"));
    assertEquals(List.of("griffinfly:jvm cpu", "other:plain cpu"), rows("--device", "cpu"));
    TestProject.Outcome listed = project.run("--list-devices");
    assertTrue(listed.out().contains("--device auto is vulkan:1: "), listed.out());
  }

  @Test
  void memoryOfTheGpuIsAColumn() throws IOException {
    project.manifest("griffinfly", LinearGpuAdapter.manifest(LinearGpuAdapter.class));
    TestProject.Outcome outcome =
        project.run(
            "--case", project.bundle(false).toString(), "--rounds", "1", "-f", "griffinfly");
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    assertTrue(outcome.out().contains("  On device  "), outcome.out());
    assertTrue(outcome.out().contains("  123 MB  "), outcome.out());
  }

  @Test
  void takesTheCpuForWhatRunsThereOnly() throws IOException {
    project.manifest("griffinfly", LinearGpuAdapter.manifest(LinearGpuAdapter.class));
    assertEquals(List.of("griffinfly:jvm cpu"), rows("-f", "griffinfly:jvm"));
  }

  @Test
  void takesTheCpuWithoutAGpu() throws IOException {
    project.manifest("griffinfly", LinearGpuAdapter.manifest(LinearAdapter.class));
    assertEquals(List.of("griffinfly:jvm cpu", "other:plain cpu"), rows());
  }

  @Test
  void saysWhichItIs() throws IOException {
    project.manifest("griffinfly", LinearGpuAdapter.manifest(LinearAdapter.class));
    String[] arguments = {"--case", project.bundle(false).toString(), "--verify-only"};
    TestProject.Outcome outcome = project.run(arguments);
    assertTrue(outcome.err().startsWith("device: cpu, for there is no GPU to use"), outcome.err());
    assertFalse(outcome.out().contains("absent"), outcome.out());
  }

  @Test
  void whatIsAskedForByNameAndRunsElsewhereOnlyIsNamed() throws IOException {
    project.manifest("griffinfly", LinearGpuAdapter.manifest(LinearAdapter.class));
    TestProject.Outcome outcome =
        project.run(
            "--case",
            project.bundle(false).toString(),
            "--verify-only",
            "-f",
            "griffinfly:jvm,griffinfly:vulkan");
    assertTrue(
        outcome.out().contains("griffinfly (vulkan) is absent: runs on vulkan only"),
        outcome.out());
  }
}
