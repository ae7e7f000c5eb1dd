package io.griffinfly.suites.griffinfly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.vulkan.VulkanDevice;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The tiny model on Mesa's software device: outputs, gradients and updates against the stored
/// truth, as on any device.
class VulkanRunTest {
  private static final String SOFTWARE = "vulkan:llvmpipe";

  @TempDir Path root;

  @BeforeEach
  void needsTheSoftwareDevice() {
    assumeTrue(isThere(), "Mesa's lavapipe is not installed: mesa-vulkan-drivers brings it");
  }

  private static boolean isThere() {
    try {
      return VulkanDevice.list().stream().anyMatch(info -> info.name().contains("llvmpipe"));
    } catch (DeviceAbsentException _) {
      return false;
    }
  }

  private TestProject.Outcome verify(String... more) throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    String[] all = {"--case", project.tinyBundle().toString(), "--verify-only"};
    String[] arguments = java.util.Arrays.copyOf(all, all.length + more.length);
    System.arraycopy(more, 0, arguments, all.length, more.length);
    return project.run(arguments);
  }

  @Test
  void passesAgainstTheTruth() throws IOException {
    TestProject.Outcome outcome = verify("--device", SOFTWARE);
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    assertTrue(
        outcome.out().lines().anyMatch(line -> line.matches("griffinfly:vulkan +fp32 .* pass")),
        outcome.out());
    // What would be the same again is not run: no matrix units are there.
    assertTrue(
        outcome.out().lines().anyMatch(line -> line.matches(".*griffinfly:vulkan-tf32.* n/s")),
        outcome.out());
    assertTrue(outcome.out().contains("has no matrix units that multiply halves"), outcome.out());
  }

  @Test
  void aFaultIsCaughtThere() throws IOException {
    TestProject.Outcome outcome = verify("--device", SOFTWARE, "--mutate", "no_update");
    assertEquals(ExitCode.WRONG.number(), outcome.status(), outcome.err() + outcome.out());
    assertTrue(outcome.out().contains("train_sgd/param/"), outcome.out());
  }

  @Test
  void aDeviceOutOfMemoryIsOneLineAndExitThree() throws IOException {
    failed(
        "device_out_of_memory",
        "griffinfly:vulkan: out of memory: cannot allocate \\d+ bytes on llvmpipe .*: the device is"
            + " out of memory; use a smaller batch or model");
  }

  /// Tried once more, since another program may have brought it down.
  @Test
  void aLostDeviceIsOneLineAndExitThree() throws IOException {
    failed(
        "device_lost",
        "griffinfly:vulkan: transient error, twice: cannot start a run: the device was lost; close it"
            + " and open it anew, and see the system's log");
  }

  private void failed(String fault, String line) throws IOException {
    TestProject.Outcome outcome =
        verify("--device", SOFTWARE, "-f", "griffinfly:vulkan", "--mutate", fault);
    assertEquals(ExitCode.FRAMEWORK.number(), outcome.status(), outcome.err() + outcome.out());
    List<String> said =
        outcome.out().lines().filter(each -> each.startsWith("griffinfly:vulkan: ")).toList();
    assertEquals(1, said.size(), outcome.out());
    assertTrue(said.getFirst().matches(line), said.getFirst());
    assertFalse(outcome.out().contains("pass"), outcome.out());
    // The result says so too, and nothing else is left of what was begun.
    Path run = new TestProject(root).onlyRun();
    assertFalse(Files.exists(run.resolve("work")), "work files remain");
    try (Stream<Path> results = Files.list(run.resolve("results"))) {
      List<Path> files = results.filter(each -> each.toString().endsWith(".json")).toList();
      assertEquals(1, files.size(), files::toString);
      JsonNode result = new ObjectMapper().readTree(files.getFirst().toFile());
      assertEquals("error", result.path("status").asText());
      assertTrue(said.getFirst().endsWith(result.path("message").asText()), result.toString());
    }
  }

  /// One process, timed and watched: percentages of the device's own peak, barriers, memory, and a
  /// trace with the kernels on a track of their own inside of the host's runs.
  @Test
  void kernelsAreTimedAgainstTheDevicesPeakAndTracedOnATrackOfTheirOwn() throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    Path file = root.resolve("trace.json");
    TestProject.Outcome outcome =
        project.run(
            "--case",
            project.tinyBundle().toString(),
            "--device",
            SOFTWARE,
            "-f",
            "griffinfly:vulkan",
            "--kernels",
            "--trace",
            file.toString(),
            "--json");
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    JsonNode result = new ObjectMapper().readTree(outcome.out()).path("results").path(0);
    JsonNode kernels = result.path("kernels");
    assertTrue(kernels.path("peak").path("threads").isNull(), kernels.path("peak").toString());
    double barrier = kernels.path("peak").path("barrier_nanos").doubleValue();
    assertTrue(barrier > 0 && barrier < 1e7, kernels.path("peak").toString());
    for (String program : List.of("forward", "latency", "train_sgd")) {
      JsonNode found = kernels.path("programs").path(program);
      int barriers = found.path("barriers").intValue();
      assertTrue(barriers > 0, found.toString());
      assertEquals(barriers * barrier, found.path("barrier_floor_nanos").doubleValue(), 1e-3);
      found
          .path("kernels")
          .forEach(kernel -> assertTrue(kernel.path("of_peak").isNumber(), kernel.toString()));
    }
    double memory = result.path("metrics").path("device_peak_mb").path("value").doubleValue();
    assertTrue(memory > 0.1 && memory < 1000, "device memory " + memory + " MB");
    checkTracks(new ObjectMapper().readTree(file.toFile()).path("traceEvents"));
  }

  private static void checkTracks(JsonNode events) {
    Map<Integer, String> tracks = new HashMap<>();
    List<JsonNode> runs = new ArrayList<>();
    List<JsonNode> kernels = new ArrayList<>();
    for (JsonNode event : events) {
      int track = event.path("tid").intValue();
      String name = event.path("name").asText();
      if (name.equals("thread_name")) {
        tracks.put(track, event.path("args").path("name").asText());
      } else if (event.path("ph").asText().equals("X")) {
        if (event.path("args").has("flops")) {
          assertEquals("GPU", tracks.get(track), event.toString());
          kernels.add(event);
        } else if (name.equals("run")) {
          runs.add(event);
        }
      }
    }
    assertEquals(Set.of("GPU", "forward", "latency", "train_sgd"), Set.copyOf(tracks.values()));
    assertEquals(3, runs.size());
    double before = 0;
    for (JsonNode kernel : kernels) {
      double begin = kernel.path("ts").doubleValue();
      assertTrue(begin >= before - 1e-3, "kernels overlap: " + kernel);
      before = begin + kernel.path("dur").doubleValue();
      double end = before;
      assertTrue(
          runs.stream()
              .anyMatch(run ->
                  begin >= run.path("ts").doubleValue() - 1e-3
                      && end
                          <= run.path("ts").doubleValue() + run.path("dur").doubleValue() + 1e-3),
          "outside of every run: " + kernel);
    }
    assertTrue(kernels.size() > 30, "kernels: " + kernels.size());
  }

  @Test
  void aDeviceThatIsNotThereIsNamed() throws IOException {
    TestProject.Outcome outcome = verify("-f", "griffinfly", "--device", "vulkan:no such card");
    assertEquals(ExitCode.FRAMEWORK.number(), outcome.status(), outcome.err() + outcome.out());
    String said = outcome.err() + outcome.out();
    assertTrue(said.contains("no Vulkan device has 'no such card' in its name"), said);
  }
}
