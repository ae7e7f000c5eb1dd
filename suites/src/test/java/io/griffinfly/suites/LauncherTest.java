package io.griffinfly.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Starts the real `run.sh` and `mvnw` in a tree of their own, with a JDK and a Maven that only
/// write down how they were called. The tree's path has spaces in it.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "POSIX shell scripts")
class LauncherTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;
  private Path tree = Path.of("");
  private Path jdk = Path.of("");
  private Path tools = Path.of("");

  private record Outcome(int status, String out, String err) {}

  @BeforeEach
  void layOut() throws IOException {
    tree = folder.resolve("a tree");
    Files.createDirectories(tree.resolve(".mvn"));
    Files.createDirectories(tree.resolve("engine/src/main"));
    for (String name : List.of("run.sh", "mvnw", ".mvn/jvm.config", ".mvn/find-java.sh")) {
      Files.copy(PROJECT.resolve(name), tree.resolve(name));
    }
    // A release that no machine has, so that the only JDK that will do is ours.
    Path finder = tree.resolve(".mvn/find-java.sh");
    String text = Files.readString(finder);
    assertTrue(text.contains("wanted_jdk=25\n"));
    Files.writeString(finder, text.replace("wanted_jdk=25\n", "wanted_jdk=77\n"));
    Files.writeString(tree.resolve("pom.xml"), "<project/>");
    Files.writeString(tree.resolve("engine/pom.xml"), "<project/>");
    Files.writeString(tree.resolve("engine/src/main/A.java"), "class A {}");
    jdk = folder.resolve("some jdk");
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"77.0.1\"\n");
    script(jdk.resolve("bin/javac"), "exit 1");
    script(jdk.resolve("bin/java"), "printf '<%s>' \"$@\"; exit ${JAVA_STATUS:-0}");
    tools = folder.resolve("some tools");
    Files.createDirectories(tools);
    maven("3.9.9", "mkdir -p \"$PWD/target/run/lib\"; echo built >>\"$PWD/builds\"");
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private void maven(String version, String build) throws IOException {
    script(
        tools.resolve("mvn"),
        "if [ \"$1\" = -version ]; then echo 'Apache Maven "
            + version
            + " (x)'; exit 0; fi\n"
            + build);
  }

  private Outcome start(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    List<String> all = new ArrayList<>(List.of(command));
    all.set(0, tree.resolve(command[0]).toString());
    ProcessBuilder builder =
        new ProcessBuilder(all)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("PATH", tools + ":/usr/bin:/bin");
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().putAll(environment);
    int status = builder.start().waitFor();
    return new Outcome(status, Files.readString(out), Files.readString(err));
  }

  private long builds() throws IOException {
    Path log = tree.resolve("builds");
    return Files.exists(log) ? Files.readAllLines(log).size() : 0;
  }

  @Test
  void argumentsAndStatusPassThrough() throws Exception {
    Outcome outcome = start(Map.of("JAVA_STATUS", "4"), "run.sh", "-m", "a b", "", "$x");
    assertEquals(4, outcome.status, outcome.err);
    assertTrue(
        outcome.out.endsWith("<io.griffinfly.suites.Main><-m><a b><><$x>"), () -> outcome.out);
    assertTrue(outcome.out.contains("<" + tree + "/target/run/lib/*>"), () -> outcome.out);
  }

  @Test
  void buildsOnceUntilASourceChanges() throws Exception {
    Outcome first = start(Map.of(), "run.sh");
    assertEquals(1, first.err.lines().count(), first.err);
    assertEquals("", start(Map.of(), "run.sh").err);
    assertEquals(1, builds());
    Files.writeString(tree.resolve("engine/src/main/A.java"), "class B {}");
    start(Map.of(), "run.sh");
    assertEquals(2, builds());
    Files.delete(tree.resolve("engine/src/main/A.java"));
    start(Map.of(), "run.sh");
    assertEquals(3, builds());
    Files.writeString(tree.resolve("engine/pom.xml"), "<project></project>");
    start(Map.of(), "run.sh");
    assertEquals(4, builds());
  }

  @Test
  void aFailedBuildShowsItsLogAndIsTriedAgain() throws Exception {
    maven("3.9.9", "echo built >>builds; echo '[ERROR] it broke'; exit 1");
    Outcome outcome = start(Map.of(), "run.sh");
    assertEquals(1, outcome.status);
    assertEquals("", outcome.out);
    assertTrue(outcome.err.contains("[ERROR] it broke"), outcome.err);
    assertTrue(outcome.err.contains(tree + "/target/run/build.log"), outcome.err);
    start(Map.of(), "run.sh");
    assertEquals(2, builds());
  }

  @Test
  void aMissingJdkIsOneLine() throws Exception {
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    for (String name : List.of("run.sh", "mvnw")) {
      Outcome outcome = start(Map.of(), name, "verify");
      assertEquals(6, outcome.status);
      assertEquals(1, outcome.err.lines().count(), outcome.err);
      assertTrue(outcome.err.contains("no JDK 77 found (JAVA_HOME is '" + jdk + "')"), outcome.err);
    }
    assertEquals(0, builds());
  }

  @Test
  void aJdkIsFoundWithoutJavaHome() throws Exception {
    Path candidates = folder.resolve(".sdkman/candidates/java");
    Files.createDirectories(candidates);
    Files.move(jdk, candidates.resolve("77.0.1-tem"));
    Outcome outcome = start(Map.of(), "run.sh", "x");
    assertEquals(0, outcome.status, outcome.err);
    assertTrue(outcome.out.endsWith("<x>"), outcome.out);
  }

  @Test
  void anOldMavenIsOneLine() throws Exception {
    // The machine's own Maven is on no path that is searched first; a newer one may yet be found.
    Path finder = tree.resolve(".mvn/find-java.sh");
    String text = Files.readString(finder);
    Files.writeString(finder, text.replace("wanted_maven=3.8.7\n", "wanted_maven=99.0.0\n"));
    maven("3.6.3", "exit 0");
    Outcome outcome = start(Map.of(), "mvnw", "verify");
    assertEquals(6, outcome.status);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
    assertTrue(outcome.err.contains("no Maven of 99.0.0 or later found"), outcome.err);
  }

  @Test
  void mavenGetsTheJdkAndTheArguments() throws Exception {
    maven("3.10.0", "printf '<%s>' \"$JAVA_HOME\" \"$@\"; exit 3");
    Outcome outcome = start(Map.of(), "mvnw", "-pl", "a b", "verify");
    assertEquals(3, outcome.status);
    assertEquals("<" + jdk + "><-pl><a b><verify>", outcome.out);
    assertFalse(outcome.err.contains("griffinfly"), outcome.err);
  }
}
