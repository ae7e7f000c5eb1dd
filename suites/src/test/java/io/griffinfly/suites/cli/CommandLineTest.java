package io.griffinfly.suites.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What users type wrong, and what they ask about.
class CommandLineTest {
  @TempDir Path root;
  private TestProject project = new TestProject(Path.of(""));

  @BeforeEach
  void makeProject() throws IOException {
    project = new TestProject(root).jvmPeer("fake", TestProject.ALL_PROGRAMS, "default");
    project.jvmPeer("fakir", List.of("forward"), "default");
    project.manifest(
        "later",
        Map.ofEntries(
            Map.entry("schema", "griffinfly-peer/1.0"),
            Map.entry("name", "later"),
            Map.entry("title", "Later"),
            Map.entry("variants", List.of("default")),
            Map.entry("devices", List.of("cpu", "vulkan")),
            Map.entry("programs", List.of("forward")),
            Map.entry("architectures", List.of("linear", "llama")),
            Map.entry("launch", Map.of("command", List.of("/nowhere/at/all"))),
            Map.entry(
                "ready",
                Map.of("files", List.of("${state}/ready"), "hint", "./run.sh --prepare later"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --nonsense              | Unknown option: '--nonsense'; see --help
          surplus                 | Unmatched argument at index 2: 'surplus'; see --help
          -m Nothing              | unknown model 'Nothing'; there is SmolLM2-135M
          -f nothing              | unknown framework 'nothing'; there is fake, fakir, later
          -f fak                  | framework 'fak' could be fake or fakir
          --device tpu            | unknown device 'tpu'; there is cpu, vulkan
          --profile slow          | unknown profile 'slow'; there is quick, standard
          --threads 0             | --threads must be at least 1, not 0
          --device cpu:1          | unknown device 'cpu:1'; there is cpu, vulkan
          --threads 9999          | --threads must be at most 4096, not 9999
          --rounds 2000000000     | --rounds must be at most 1000, not 2000000000
          --timeout 99999999999   | --timeout must be at most 604800, not 99999999999
          --out=                  | --out must not be empty
          --case=                 | --case must not be empty
          --trace=                | --trace must not be empty
          --trace x --verify-only | '--kernels, --trace and --endurance watch timed processes'
          --endurance 0           | --endurance must be at least 1, not 0
          --threads two           | Invalid value for option '--threads': 'two' is not an int; see --help
          --rounds -1             | --rounds must be at least 1, not -1
          --progress loud         | unknown progress 'loud'; there is tty, plain, jsonl, none
          --mutate nothing        | unknown mutant 'nothing'; there is zeros
          --resume                | no interrupted run in
          --resume 20200101       | there is no run 20200101 in
          --resume -m SmolLM2     | there is no run
          --picture=              | --picture must not be empty
          --picture p --verify-only -f fake | --picture shows times, of which --verify-only has none
          --update                | no complete run in
          -m SmolLM2 --case .     | -m and --case exclude each other
          --prepare nothing       | unknown framework 'nothing'; there is fake, fakir, later
          """)
  void wrongInputIsOneLineAndExitTwo(String arguments, String line) throws IOException {
    TestProject.Outcome outcome = project.run(arguments.split(" "));
    // --resume takes the word after it for a run's name; any plan flag beside it is refused too.
    assertAll(
        () -> assertEquals(2, outcome.status(), outcome.err()),
        () ->
            assertTrue(
                outcome.err().contains("griffinfly: ") && outcome.err().contains(expected(line)),
                outcome.err()),
        () -> assertEquals(1, outcome.err().lines().count(), outcome.err()),
        () -> assertEquals("", outcome.out()),
        () -> assertFalse(Files.exists(root.resolve("results")), "something was written"));
  }

  private static String expected(String line) {
    return line.equals("there is no run") ? "--resume takes models" : line;
  }

  @Test
  void folderThatIsNoProjectIsExitTwo() {
    TestProject.Outcome outcome = new TestProject(root.resolve("nowhere")).run("--list");
    assertEquals(2, outcome.status(), outcome.err());
    assertEquals(
        "griffinfly: "
            + root.resolve("nowhere")
            + " is not the project's folder: it has no suites/peers",
        outcome.err().strip());
  }

  @Test
  void frameworkAskedForByNameAndNotReadyIsExitThree() throws IOException {
    String bundle = project.bundle(true).toString();
    TestProject.Outcome outcome =
        project.run("--case", bundle, "--verify-only", "-f", "fake,later");
    assertEquals(3, outcome.status(), outcome.err());
    assertTrue(
        outcome.out().contains("later is absent: not installed: ./run.sh --prepare later"),
        outcome.out());
    assertTrue(outcome.out().contains("pass"), "the other one ran: " + outcome.out());
  }

  @Test
  void frameworkNotAskedForAndNotReadyIsExplainedAndExitsZero() throws IOException {
    TestProject.Outcome outcome =
        project.run("--case", project.bundle(true).toString(), "--verify-only");
    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("later is absent: not installed"), outcome.out());
  }

  @Test
  void nothingToRunIsExitEight() throws IOException {
    TestProject.Outcome outcome =
        project.run("--case", project.bundle(true).toString(), "-f", "fake", "--device", "vulkan");
    assertEquals(8, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("fake is absent: does not run on vulkan"), outcome.out());
  }

  @Test
  void readOnlyResultsAreExitOneAndNothingIsHalfWritten() throws IOException {
    // A file where the folder should be refuses even the superuser, whom permissions do not.
    Path blocked = Files.writeString(root.resolve("blocked"), "");
    TestProject.Outcome outcome =
        project.run(
            "--case", project.bundle(true).toString(), "--out", blocked.resolve("runs").toString());
    assertEquals(1, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains("griffinfly: cannot write " + blocked), outcome.err());
    assertEquals("", Files.readString(blocked));
  }

  @Test
  void listNamesEverything() {
    TestProject.Outcome outcome = project.run("--list");
    assertEquals(0, outcome.status());
    for (String name : List.of("SmolLM2-135M", "fake", "later", "vulkan", "train_sgd_ms")) {
      assertTrue(outcome.out().contains(name), outcome.out());
    }
  }

  @Test
  void checkSaysWhatIsReadyAndWhatTheRestNeeds() {
    TestProject.Outcome all = project.run("--check");
    assertEquals(0, all.status(), all.err());
    assertTrue(all.out().contains("fake           ready  fake 1.0"), all.out());
    assertTrue(all.out().contains("not ready  not installed: ./run.sh --prepare later"), all.out());
    assertEquals(3, project.run("--check", "-f", "later").status());
  }

  @Test
  void devicesAreListedOnce() {
    TestProject.Outcome outcome = project.run("--list-devices");
    assertEquals(0, outcome.status(), outcome.err());
    assertEquals(1, outcome.out().lines().filter(line -> line.contains("test processor")).count());
    assertTrue(
        outcome.out().contains("\n--device auto is cpu: no GPU here that the engine can use\n"),
        outcome.out());
  }

  @Test
  void dryRunChecksAndWritesNothing() throws IOException {
    String bundle = project.bundle(true).toString();
    TestProject.Outcome outcome = project.run("--case", bundle, "-f", "fake", "--dry-run");
    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("framework  fake 1.0"), outcome.out());
    assertTrue(outcome.out().contains("process    linear@b2-fake-0-verify"), outcome.out());
    assertFalse(Files.exists(root.resolve("results")), "a run was begun");
  }

  @Test
  void helpNamesEveryExitCodeAndHidesMutants() {
    TestProject.Outcome outcome = project.run("--help");
    assertEquals(0, outcome.status());
    for (io.griffinfly.suites.ExitCode code : io.griffinfly.suites.ExitCode.values()) {
      assertTrue(outcome.out().contains("\n  " + code.number() + " "), "exit code " + code);
    }
    assertFalse(outcome.out().contains("--mutate"));
  }

  @Test
  void mutantGoesToThoseWhoKnowItAndIsCaught() throws IOException {
    TestProject.Outcome outcome =
        project.run(
            "--case", project.bundle(true).toString(), "--verify-only", "--mutate", "zeros");
    assertEquals(4, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("fake: forward/out/y: relative L2 error"), outcome.out());
    assertFalse(outcome.out().contains("later"), outcome.out());
  }

  @Test
  void malformedManifestIsNamed() throws IOException {
    project.manifest("broken", Map.of("schema", "griffinfly-peer/1.0", "name", "other"));
    TestProject.Outcome outcome = project.run("--list");
    assertEquals(1, outcome.status());
    assertTrue(outcome.err().contains("broken/manifest.json"), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
  }
}
