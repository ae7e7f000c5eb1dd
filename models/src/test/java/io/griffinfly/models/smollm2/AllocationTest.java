package io.griffinfly.models.smollm2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A warm step allocates next to nothing. Vectors that C2 could not keep in registers are objects:
/// a step of SmolLM2 once allocated 190 MB of them, and attention took several times as long.
class AllocationTest {
  @TempDir Path folder;

  @Test
  void aWarmStepAllocatesNoVectors() throws Exception {
    List<String> lines =
        OwnProcess.run(folder.resolve("allocations"), List.of(), AllocationProgram.class);
    String last = lines.getLast();
    long bytes = Long.parseLong(last.substring(last.lastIndexOf(' ') + 1));
    assertTrue(bytes <= AllocationProgram.MOST_BYTES, last);
  }
}
