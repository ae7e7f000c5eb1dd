package io.griffinfly.suites.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.Main;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Ctrl-C in the middle of a run, and what comes after.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "needs kill -INT")
class InterruptionTest {
  @TempDir Path root;

  @Test
  void interruptedRunExitsWith130AndGoesOnWhereItWas() throws Exception {
    TestProject project = new TestProject(root).jvmPeer("fake", List.of("forward"), "one", "two");
    Path bundle = project.bundle(false);
    Path log = root.resolve("run.log");
    List<String> arguments = new ArrayList<>();
    if ("Linux".equals(System.getProperty("os.name"))) {
      // A shell has its background jobs ignore SIGINT, and a JVM inherits that.
      arguments.addAll(List.of("env", "--default-signal=INT"));
    }
    arguments.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--root",
            root.toString(),
            "--case",
            bundle.toString(),
            "--rounds",
            "2"));
    Process command =
        new ProcessBuilder(arguments)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    await(() -> journal().contains("\"done\"") && Files.readString(log).contains("sample forward"));
    new ProcessBuilder("kill", "-INT", Long.toString(command.pid())).start().waitFor();
    assertTrue(command.waitFor(20, TimeUnit.SECONDS), "still there");
    assertEquals(130, command.exitValue(), Files.readString(log));
    String id = project.onlyRun().getFileName().toString();
    assertTrue(Files.readString(log).contains("go on with ./run.sh --resume " + id));

    String before = journal();
    long done = before.lines().filter(line -> line.contains("\"done\"")).count();
    assertFalse(before.contains("\"finished\""));
    TestProject.Outcome refused = project.run("--resume", id, "--rounds", "3");
    assertEquals(2, refused.status(), refused.err());

    TestProject.Outcome resumed = project.run("--resume", "--progress", "jsonl");
    assertEquals(0, resumed.status(), resumed.err());
    assertTrue(resumed.out().contains("pass"), resumed.out());
    String after = journal();
    assertTrue(after.startsWith(before), "the journal was rewritten");
    assertEquals(8, after.lines().filter(line -> line.contains("\"done\"")).count());
    long begun = resumed.err().lines().filter(line -> line.contains("unit_started")).count();
    assertEquals(8 - done, begun, "what was done is not done again");
    assertEquals(2, project.run("--resume").status(), "nothing is left to resume");
  }

  @Test
  void runWithOtherBytesIsNotResumed() throws Exception {
    TestProject project = new TestProject(root).jvmPeer("fake", List.of("forward"), "default");
    Path bundle = project.bundle(false);
    assertEquals(0, project.run("--case", bundle.toString(), "--verify-only").status());
    Path definition = bundle.resolve("case.json");
    Files.writeString(definition, Files.readString(definition) + "\n");
    io.griffinfly.suites.fake.LinearCase.seal(bundle);
    String id = project.onlyRun().getFileName().toString();
    TestProject.Outcome outcome = project.run("--resume", id);
    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains("was planned with other cases"), outcome.err());
  }

  private String journal() throws IOException {
    Path runs = root.resolve("results/runs");
    if (!Files.isDirectory(runs)) {
      return "";
    }
    try (Stream<Path> all = Files.list(runs)) {
      Path journal = all.findFirst().map(run -> run.resolve("journal.jsonl")).orElse(runs);
      return Files.isRegularFile(journal) ? Files.readString(journal) : "";
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws Exception {
    for (int i = 0; i < 1200 && !condition.holds(); i++) {
      Thread.sleep(50);
    }
    assertTrue(condition.holds(), "did not come to pass within a minute");
  }
}
