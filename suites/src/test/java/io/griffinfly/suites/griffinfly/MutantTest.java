package io.griffinfly.suites.griffinfly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.Json;
import io.griffinfly.suites.fake.TestProject;
import io.griffinfly.suites.peers.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Faults in the engine's own case, weights and graphs, committed on purpose: the command must find
/// each, end with 4 and name a check that the fault shows in.
class MutantTest {
  @TempDir Path root;

  @ParameterizedTest
  @CsvSource({
    "zero_weights, out/logits",
    "rope_theta_div_10, out/logits",
    "no_mask, out/logits",
    "transpose_o_proj, out/logits",
    "drop_upstream_gradient, gradients/grad/",
    "no_attention_scale_backward, gradients/grad/",
    "no_update, train_sgd/param/",
    "stale_pack, train_sgd/param/"
  })
  void isCaughtByTheCheckOfWhatItSpoils(String mutant, String check) throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    TestProject.Outcome outcome =
        project.run(
            "--case",
            project.tinyBundle().toString(),
            "--device",
            "cpu",
            "--verify-only",
            "--mutate",
            mutant);
    assertEquals(ExitCode.WRONG.number(), outcome.status(), outcome.err() + outcome.out());
    String said =
        outcome.out().lines().filter(line -> line.startsWith("griffinfly:jvm: ")).toList() + "";
    assertTrue(said.contains(check), mutant + " was caught by " + said + outcome.out());
  }

  @Test
  void withoutAFaultTheSameCommandPasses() throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    TestProject.Outcome outcome =
        project.run("--case", project.tinyBundle().toString(), "--device", "cpu", "--verify-only");
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    assertTrue(outcome.out().contains("pass"), outcome.out());
  }

  @Test
  void manifestListsEveryMutantAndTheseTestsDoToo() throws Exception {
    Manifest manifest =
        Json.read(Path.of("peers/griffinfly/manifest.json"), Manifest.class, ExitCode.INTERNAL);
    List<String> faults = new ArrayList<>();
    for (Mutant mutant : Mutant.values()) {
      if (mutant != Mutant.NONE) {
        faults.add(mutant.name().toLowerCase(Locale.ROOT));
      }
    }
    List<String> tested =
        Arrays.stream(
                MutantTest.class
                    .getDeclaredMethod(
                        "isCaughtByTheCheckOfWhatItSpoils", String.class, String.class)
                    .getAnnotation(CsvSource.class)
                    .value())
            .map(row -> row.substring(0, row.indexOf(',')))
            .toList();
    assertEquals(new HashSet<>(faults), new HashSet<>(tested));
    // Those of devices are committed in VulkanRunTest, on a device that can fail.
    for (DeviceFault fault : DeviceFault.values()) {
      faults.add(fault.name().toLowerCase(Locale.ROOT));
    }
    assertEquals(new HashSet<>(faults), new HashSet<>(Objects.requireNonNull(manifest.mutants())));
  }
}
