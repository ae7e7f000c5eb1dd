package io.griffinfly.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Starts the portable archive's `run.sh` in a folder laid out like it, with a Java that only
/// writes down how it was called and a `uname` that says what the test wants. The path has spaces
/// in it.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a POSIX shell script")
class PortableLauncherTest {
  @TempDir Path folder;
  private Path tree = Path.of("");

  private record Outcome(int status, String out, String err) {}

  @BeforeEach
  void layOut() throws IOException {
    tree = folder.resolve("an archive");
    Files.createDirectories(tree.resolve("runtime/bin"));
    Files.createDirectories(tree.resolve("runtime/lib/server"));
    Files.copy(Path.of("src/portable/run.sh"), tree.resolve("run.sh"));
    script(
        tree.resolve("runtime/bin/java"),
        """
        if [ "$1" = -Xshare:dump ]; then
          echo dumped >>"$(dirname "$0")/dumps"
          echo archive >"${2#-XX:SharedArchiveFile=}"
          exit 0
        fi
        printf '<%s>' "$@"
        exit 4
        """);
    uname("Linux", "x86_64");
  }

  private void uname(String system, String machine) throws IOException {
    Files.createDirectories(folder.resolve("tools"));
    script(
        folder.resolve("tools/uname"),
        "if [ \"$1\" = -s ]; then echo " + system + "; else echo " + machine + "; fi\n");
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body);
    assertTrue(file.toFile().setExecutable(true));
  }

  private Outcome start(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(tree.resolve("run.sh").toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", folder.resolve("tools") + ":/usr/bin:/bin");
    int status = builder.start().waitFor();
    return new Outcome(status, Files.readString(out), Files.readString(err));
  }

  @Test
  void argumentsAndStatusPassThrough() throws Exception {
    Outcome outcome = start("-m", "a b", "", "$x");
    assertEquals(4, outcome.status, outcome.err);
    assertEquals("", outcome.err);
    assertTrue(outcome.out.contains("<-Dgriffinfly.home=" + tree + ">"), outcome.out);
    assertTrue(outcome.out.contains("<-cp><" + tree + "/lib/*>"), outcome.out);
    assertTrue(outcome.out.endsWith("<io.griffinfly.suites.Main><-m><a b><><$x>"), outcome.out);
  }

  @Test
  void theClassArchiveIsMadeOnce() throws Exception {
    start();
    start();
    assertEquals(List.of("dumped"), Files.readAllLines(tree.resolve("runtime/bin/dumps")));
    assertEquals(
        List.of("classes.jsa"), List.of(tree.resolve("runtime/lib/server").toFile().list()));
  }

  @Test
  void anotherPlatformIsOneLine() throws Exception {
    for (List<String> other : List.of(List.of("Linux", "aarch64"), List.of("Darwin", "x86_64"))) {
      uname(other.getFirst(), other.getLast());
      Outcome outcome = start("--list");
      assertEquals(6, outcome.status);
      assertEquals("", outcome.out);
      assertEquals(1, outcome.err.lines().count(), outcome.err);
      assertTrue(
          outcome.err.contains("not " + other.getFirst() + " on " + other.getLast()), outcome.err);
    }
  }
}
