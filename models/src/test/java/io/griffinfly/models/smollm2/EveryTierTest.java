package io.griffinfly.models.smollm2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every kernel can be compiled by C1 with full profiling. Where it cannot ("out of virtual
/// registers"), HotSpot may leave it for good in code some hundred times slower: it starts a method
/// in tier 2 when the queue to C2 is long, and from there goes to C2 only by way of tier 3.
class EveryTierTest {
  /// Tier 3 after a few calls or rounds of a loop, at once, and nothing above it.
  private static final List<String> OPTIONS =
      List.of(
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
          "GeneratedLoop", "RowDots::dot", "Product4x2::multiply", "AttendKernel", "GradKernel");

  @TempDir Path folder;

  @Test
  void c1CompilesEveryKernel() throws Exception {
    List<String> lines =
        OwnProcess.run(folder.resolve("compilations"), OPTIONS, EveryTierProgram.class);
    List<String> ours = lines.stream().filter(line -> line.contains("io.griffinfly")).toList();
    for (String kernel : COMPILED) {
      assertTrue(ours.stream().anyMatch(line -> line.contains(kernel)), kernel + " was compiled");
    }
    assertEquals(List.of(), ours.stream().filter(line -> line.contains("out of virtual")).toList());
  }
}
