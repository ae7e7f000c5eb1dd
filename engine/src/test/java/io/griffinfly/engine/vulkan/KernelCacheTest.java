package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCacheTest {
  private static final byte[] CONTENT = {3, 2, 35, 7, 1};

  @TempDir Path folder;

  @Test
  void givesBackWhatItWasGivenAndLeavesNoOtherFile() throws IOException {
    KernelCache cache = new KernelCache(Optional.of(folder.resolve("deep/down")));
    assertTrue(cache.get("a.spv").isEmpty());
    assertTrue(cache.put("a.spv", CONTENT));
    assertTrue(cache.put("a.spv", CONTENT));
    assertArrayEquals(CONTENT, cache.get("a.spv").orElseThrow());
    try (Stream<Path> files = Files.list(folder.resolve("deep/down"))) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void whatIsCutOrChangedIsAsIfItWereNotThere() throws IOException {
    KernelCache cache = new KernelCache(Optional.of(folder));
    cache.put("a.spv", CONTENT);
    byte[] all = Files.readAllBytes(folder.resolve("a.spv"));
    for (int length = 0; length < all.length; length++) {
      Files.write(folder.resolve("a.spv"), java.util.Arrays.copyOf(all, length));
      assertTrue(cache.get("a.spv").isEmpty(), "cut to " + length);
    }
    for (int i = 0; i < all.length; i++) {
      byte[] changed = all.clone();
      changed[i] ^= 1;
      Files.write(folder.resolve("a.spv"), changed);
      assertTrue(cache.get("a.spv").isEmpty(), "changed at " + i);
    }
  }

  @Test
  void aFolderThatCannotBeWrittenKeepsNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    KernelCache cache = new KernelCache(Optional.of(file.resolve("below")));
    assertFalse(cache.put("a.spv", CONTENT));
    assertTrue(cache.get("a.spv").isEmpty());
    assertFalse(new KernelCache(Optional.empty()).put("a.spv", CONTENT));
  }

  @Test
  void textsThatDifferHaveOtherNames() {
    assertNotEquals(KernelCache.key("a"), KernelCache.key("b"));
    assertEquals(KernelCache.key("a"), KernelCache.key("a"));
  }
}
