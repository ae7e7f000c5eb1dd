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
import java.util.stream.Stream;
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

  /// Coarser products than were declared are no fault, but rank elsewhere.
  @ParameterizedTest
  @CsvSource({"f16_operands, tf32", "bf16_operands, bf16"})
  void isPutIntoTheClassOfItsErrors(String mutant, String precision) throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    TestProject.Outcome outcome =
        project.run("--case", project.tinyBundle().toString(), "--verify-only", "--mutate", mutant);
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    String row =
        outcome.out().lines().filter(line -> line.startsWith("griffinfly")).findFirst().orElse("");
    assertTrue(row.matches(".*\\b" + precision + "\\b.*\\bpass\\b.*"), outcome.out());
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
  void manifestListsEveryMutantAndTheseTestsDoToo() {
    Manifest manifest =
        Json.read(Path.of("peers/griffinfly/manifest.json"), Manifest.class, ExitCode.INTERNAL);
    List<String> faults = new ArrayList<>();
    for (Mutant mutant : Mutant.values()) {
      if (mutant != Mutant.NONE) {
        faults.add(mutant.name().toLowerCase(Locale.ROOT));
      }
    }
    List<String> tested =
        Stream.of("isCaughtByTheCheckOfWhatItSpoils", "isPutIntoTheClassOfItsErrors")
            .flatMap(MutantTest::firstColumn)
            .toList();
    assertEquals(new HashSet<>(faults), new HashSet<>(tested));
    // Those of devices are committed in VulkanRunTest, on a device that can fail.
    for (DeviceFault fault : DeviceFault.values()) {
      faults.add(fault.name().toLowerCase(Locale.ROOT));
    }
    assertEquals(new HashSet<>(faults), new HashSet<>(Objects.requireNonNull(manifest.mutants())));
  }

  private static Stream<String> firstColumn(String test) {
    try {
      CsvSource rows =
          MutantTest.class
              .getDeclaredMethod(test, String.class, String.class)
              .getAnnotation(CsvSource.class);
      return Arrays.stream(rows.value()).map(row -> row.substring(0, row.indexOf(',')));
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }
}
