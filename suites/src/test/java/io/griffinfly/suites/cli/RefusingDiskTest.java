package io.griffinfly.suites.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.griffinfly.suites.Main;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Results on a file system that is read-only or full, mounted in a namespace of the test's own:
/// permissions and quotas would not stop the superuser.
@EnabledOnOs(value = OS.LINUX, disabledReason = "mounts a file system with unshare")
class RefusingDiskTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path root;

  private record Outcome(int status, List<String> err) {}

  /// Runs the command with its runs on a file system of its own, whose content is then copied to
  /// `left`.
  private Outcome run(String mountOptions) throws Exception {
    TestProject project = new TestProject(root).jvmPeer("fake", TestProject.ALL_PROGRAMS, "ok");
    Path bundle = project.bundle(true);
    Path disk = Files.createDirectories(root.resolve("disk"));
    Path left = root.resolve("left");
    Path err = root.resolve("err");
    String script =
        "mount -t tmpfs -o \"$1\" tmpfs \"$2\" || exit 99; shift; disk=$1; left=$2; shift 2; \"$@\";"
            + " status=$?; cp -r \"$disk\" \"$left\"; exit $status";
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process command =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "--map-root-user",
                "sh",
                "-c",
                script,
                "sh",
                mountOptions,
                disk.toString(),
                left.toString(),
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--root",
                root.toString(),
                "--case",
                bundle.toString(),
                "--verify-only",
                "--progress",
                "none",
                "--out",
                disk.toString())
            .redirectError(err.toFile())
            .redirectOutput(root.resolve("out").toFile())
            .start();
    assertTrue(command.waitFor(60, TimeUnit.SECONDS), "still there");
    List<String> lines = Files.readAllLines(err);
    assumeTrue(
        command.exitValue() != 99 && lines.stream().noneMatch(line -> line.startsWith("unshare:")),
        "no namespaces here: " + lines);
    return new Outcome(command.exitValue(), lines);
  }

  @Test
  void readOnlyFileSystemIsExitOne() throws Exception {
    Outcome outcome = run("ro,size=1m");
    assertAll(
        () -> assertEquals(1, outcome.status, outcome.err.toString()),
        () -> assertEquals(1, outcome.err.size(), outcome.err.toString()),
        () ->
            assertTrue(
                outcome.err.getFirst().startsWith("griffinfly: cannot write " + root)
                    && outcome.err.getFirst().contains("Read-only file system"),
                outcome.err.toString()));
  }

  /// Full while the run's folder is made, and before its first process.
  @ParameterizedTest
  @CsvSource({"4k, No space left on device", "8k, No space left on device", "1m, 5 MB needed"})
  void fullDiskIsExitOneAndNothingIsHalfWritten(String size, String reason) throws Exception {
    Outcome outcome = run("size=" + size);
    assertAll(
        () -> assertEquals(1, outcome.status, outcome.err.toString()),
        () -> assertEquals(1, outcome.err.size(), outcome.err.toString()),
        () ->
            assertTrue(
                outcome.err.getFirst().startsWith("griffinfly: cannot write ")
                    && outcome.err.getFirst().contains(reason),
                outcome.err.toString()));
    checkWhole(root.resolve("left"));
  }

  @Test
  void aDiskWithRoomIsNoProblem() throws Exception {
    Outcome outcome = run("size=64m");
    assertEquals(0, outcome.status, outcome.err.toString());
    checkWhole(root.resolve("left"));
  }

  /// Whatever was written can be read.
  private static void checkWhole(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        assertFalse(name.endsWith(".partial") || name.endsWith(".tmp"), file.toString());
        if (name.endsWith(".json")) {
          JSON.readTree(file.toFile());
          assertTrue(Files.size(file) > 0, file + " is empty");
        }
      }
    }
  }
}
