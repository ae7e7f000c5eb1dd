package io.griffinfly.suites.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every way in which a framework can go wrong ends in one status, one exit code and one line that
/// says why.
class FaultyFrameworkTest {
  @TempDir Path root;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ok             | 0 | ok           |
          zeros          | 4 | wrong        | forward/out/y: relative L2 error 1.00e+00, limit 1.00e-05
          nan            | 4 | wrong        | 1 values are NaN or infinite
          wrong_shape    | 4 | wrong        | shape [40,2], expected [2,40]
          wrong_gradient | 4 | wrong        | gradients/grad/w: relative L2 error
          no_update      | 4 | wrong        | train_sgd/param/w: relative L2 error 1.01e+00
          unsupported    | 0 | unsupported  | unsupported: no kernels for this
          bad_case       | 9 | bad_case     | malformed case: no tensor w
          """)
  void hostedFramework(String fault, int status, String word, String line) throws IOException {
    TestProject project = new TestProject(root).jvmPeer("fake", TestProject.ALL_PROGRAMS, fault);
    check(project, "fake", status, word, line);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          crash          | 3 | error   | ended by signal 6: about to fall over
          silent         | 3 | error   | ended well but wrote no result.json
          junk           | 3 | error   | is not a valid AdapterResult
          half           | 4 | wrong   | outputs.safetensors
          old_result     | 3 | error   | is not of this unit: nonce 0000000000000000
          """)
  void plainProcess(String fault, int status, String word, String line) throws IOException {
    check(new TestProject(root).rogue(fault), fault, status, word, line);
  }

  @Test
  void oneThatHangsIsEndedAtItsDeadline() throws IOException {
    TestProject project = new TestProject(root).rogue("hang");
    check(project, "hang", 3, "timeout", "still busy after 2 s", "--timeout", "2");
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "sessions are found through /proc")
  void oneThatLeavesAChildBehindLosesIt() throws IOException {
    TestProject project = new TestProject(root).rogue("child");
    check(project, "child", 3, "error", "left 1 processes behind when it ended");
    String pid = Files.readString(root.resolve(".cache/peers/child/child.pid"));
    Path stat = Path.of("/proc", pid, "stat");
    // A container without an init never collects it: dead is then Z.
    assertTrue(!Files.exists(stat) || Files.readString(stat).contains(") Z "), "it lives on");
  }

  @Test
  void staleOutputsAreFoundByTheInputSetOfTheLastIteration() throws IOException {
    TestProject project =
        new TestProject(root).jvmPeer("fake", java.util.List.of("forward"), "stale");
    TestProject.Outcome outcome =
        project.run("--case", project.bundle(false).toString(), "--rounds", "1");
    assertEquals(4, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("forward/out/y: relative L2 error"), outcome.out());
  }

  /// The gradients program is verified only, after the first timed process.
  @Test
  void oneThatFailsOnlyItsVerificationIsShownAsWrongAndHasNoTimes() throws IOException {
    TestProject project =
        new TestProject(root)
            .jvmPeer("fake", TestProject.ALL_PROGRAMS, "ok", "wrong_when_verified");
    TestProject.Outcome outcome =
        project.run("--case", project.bundle(true).toString(), "--rounds", "2");
    assertEquals(4, outcome.status(), outcome.err());
    String row =
        outcome.out().lines().filter(line -> line.startsWith("~~fake")).findFirst().orElseThrow();
    assertTrue(row.matches("~~fake:wrong_when_verified~~ .* wrong"), row);
    assertFalse(row.contains("ms") || row.contains("MB") || row.contains("GB"), row);
    assertTrue(
        outcome.out().contains("fake:wrong_when_verified: gradients/grad/w: relative L2 error"),
        outcome.out());
    String bench = "linear@b2-fake.wrong_when_verified-0-bench";
    String verify = "linear@b2-fake.wrong_when_verified-0-verify";
    String journal = Files.readString(project.onlyRun().resolve("journal.jsonl"));
    assertTrue(journal.contains("\"unit\":\"" + bench + "\",\"status\":\"ok\""), journal);
    assertTrue(journal.contains("\"unit\":\"" + verify + "\",\"status\":\"wrong\""), journal);
    assertFalse(journal.contains("wrong_when_verified-1"), "timed again: " + journal);
  }

  @Test
  void oneFaultyFrameworkDoesNotSpoilTheOthers() throws IOException {
    TestProject project =
        new TestProject(root).jvmPeer("fake", TestProject.ALL_PROGRAMS, "ok", "zeros");
    TestProject.Outcome outcome =
        project.run("--case", project.bundle(true).toString(), "--verify-only");
    assertEquals(4, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("~~fake:zeros~~"), outcome.out());
    assertTrue(outcome.out().contains("pass"), outcome.out());
  }

  private static void check(
      TestProject project, String peer, int status, String word, String line, String... more)
      throws IOException {
    Path bundle = project.bundle(true);
    String[] arguments =
        Stream.concat(
                Stream.of("--case", bundle.toString(), "--verify-only", "-f", peer),
                Stream.of(more))
            .toArray(String[]::new);
    TestProject.Outcome outcome = project.run(arguments);
    Path run = project.onlyRun();
    try (Stream<Path> results = Files.list(run.resolve("results"))) {
      String result = Files.readString(results.findFirst().orElseThrow());
      assertAll(
          () -> assertEquals(status, outcome.status(), outcome.err() + outcome.out()),
          () -> assertTrue(result.contains("\"status\" : \"" + word + "\""), result),
          () -> {
            if (line != null) {
              assertTrue(outcome.out().contains(line), outcome.out());
            }
          },
          () -> assertFalse(Files.exists(run.resolve("work")), "work files remain"));
    }
  }
}
