package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.vulkan.Barriers.Use;
import java.util.List;
import org.junit.jupiter.api.Test;

class HazardBarriersTest {
  private static Use read(long buffer, long offset, long bytes) {
    return new Use(new Region(buffer, offset, bytes), false);
  }

  private static Use write(long buffer, long offset, long bytes) {
    return new Use(new Region(buffer, offset, bytes), true);
  }

  @Test
  void onlyWhereACommandMeetsAWrite() {
    HazardBarriers barriers = new HazardBarriers();
    assertFalse(barriers.before(List.of(read(1, 0, 64), write(1, 64, 64))));
    assertFalse(barriers.before(List.of(read(1, 0, 64), write(1, 128, 64))), "only reads meet");
    assertFalse(barriers.before(List.of(write(2, 0, 64))), "another buffer");
    assertTrue(barriers.before(List.of(read(1, 127, 1))), "read after write");
    assertFalse(barriers.before(List.of(read(1, 128, 64))), "the barrier covers this too");
    assertTrue(barriers.before(List.of(write(1, 191, 9))), "write after read");
    assertTrue(barriers.before(List.of(write(1, 150, 42))), "write after write");
  }
}
