package io.griffinfly.models.smollm2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every kernel can be compiled by C1 with full profiling. Where it cannot ("out of virtual
/// registers"), HotSpot may leave it for good in code some hundred times slower: it starts a method
/// in tier 2 when the queue to C2 is long, and from there goes to C2 only by way of tier 3.
class EveryTierTest {
  /// Tier 3 after a few calls or rounds of a loop, at once, and nothing above it.
  private static final List<String> OPTIONS =
      List.of(
          "--add-modules",
          "jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "-XX:TieredStopAtLevel=3",
          "-XX:-BackgroundCompilation",
          "-XX:Tier3InvocationThreshold=20",
          "-XX:Tier3MinInvocationThreshold=10",
          "-XX:Tier3CompileThreshold=40",
          "-XX:Tier3BackEdgeThreshold=100",
          "-XX:+PrintCompilation");

  /// Kernels that the program must have come to, so that the test cannot pass without them.
  private static final List<String> COMPILED =
      List.of(
          "GeneratedLoop", "RowDots::four", "Product4x2::multiply", "AttendKernel", "GradKernel");

  @TempDir Path folder;

  private static String classPath() {
    return Stream.of("java.class.path", "jdk.module.path", "surefire.test.class.path")
        .map(System::getProperty)
        .filter(path -> path != null && !path.isEmpty())
        .distinct()
        .reduce(
            Path.of("target", "test-classes") + File.pathSeparator + Path.of("target", "classes"),
            (a, b) -> a + File.pathSeparator + b);
  }

  @Test
  void c1CompilesEveryKernel() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(List.of("-cp", classPath(), EveryTierProgram.class.getName()));
    Path log = folder.resolve("compilations");
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    List<String> lines = Files.readAllLines(log);
    assertEquals(
        0,
        status,
        () -> String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size())));
    List<String> ours = lines.stream().filter(line -> line.contains("io.griffinfly")).toList();
    for (String kernel : COMPILED) {
      assertTrue(ours.stream().anyMatch(line -> line.contains(kernel)), kernel + " was compiled");
    }
    assertEquals(List.of(), ours.stream().filter(line -> line.contains("out of virtual")).toList());
  }
}
