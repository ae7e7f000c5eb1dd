package io.griffinfly.suites.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.Main;
import io.griffinfly.suites.fake.TestProject;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class LaunchTest {
  @TempDir Path root;

  /// The harness started by hand, `java -cp target/classes:...`; its frameworks start elsewhere.
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "no relative path leads to another drive")
  void relativeClassPathServesTheFrameworksToo() throws Exception {
    TestProject project = new TestProject(root).jvmPeer("fake", List.of("forward"), "ok");
    Path here = Path.of("").toAbsolutePath();
    String relative =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> here.relativize(Path.of(entry).toAbsolutePath()).toString())
            .collect(Collectors.joining(File.pathSeparator));
    assertFalse(relative.contains(File.pathSeparator + File.separator), relative);
    Path log = root.resolve("run.log");
    Process harness =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                relative,
                Main.class.getName(),
                "--root",
                root.toString(),
                "--case",
                project.bundle(false).toString(),
                "--verify-only")
            .directory(here.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertTrue(harness.waitFor(60, TimeUnit.SECONDS), "still there");
    assertEquals(0, harness.exitValue(), Files.readString(log));
  }
}
