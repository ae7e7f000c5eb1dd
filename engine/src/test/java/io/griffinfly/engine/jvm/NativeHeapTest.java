package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeHeapTest {
  private static final Path SETTING = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  @Test
  void piecesAreAlignedApartAndGoBackWithTheirArena() {
    NativeHeap heap = new NativeHeap();
    try (Arena outer = Arena.ofShared()) {
      MemorySegment first = heap.allocate(5, outer);
      long slab = heap.slabBytes();
      MemorySegment inner;
      try (Arena arena = Arena.ofShared()) {
        inner = heap.allocate(1000, arena);
        MemorySegment large = heap.allocate(2 * slab + 1, arena);
        for (MemorySegment piece : new MemorySegment[] {first, inner, large}) {
          assertEquals(0, piece.address() % Memory.ALIGNMENT);
          piece.fill((byte) piece.byteSize());
        }
        assertEquals(5, first.get(ValueLayout.JAVA_BYTE, 4));
        assertEquals((byte) 1000, inner.get(ValueLayout.JAVA_BYTE, 999));
        assertEquals(3 * slab + Pages.HUGE, heap.slabBytes());
      }
      assertEquals(slab, heap.slabBytes(), "the slab of the large piece is unmapped");
      assertThrows(IllegalStateException.class, () -> inner.get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(
          inner.address(), heap.allocate(1000, outer).address(), "its place is free again");
    }
    assertEquals(0, heap.slabBytes());
  }

  @Test
  void memoryLiesInHugePagesWhereLinuxLetsIt() throws IOException {
    assumeTrue(Files.isReadable(SETTING), "this system has no transparent huge pages");
    assumeTrue(!Files.readString(SETTING).contains("[never]"), "huge pages are switched off");
    NativeHeap heap = new NativeHeap();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = heap.allocate(8 * Pages.HUGE, arena).fill((byte) 1);
      assertEquals(8 * Pages.HUGE, hugeBytes(memory.address()));
    }
  }

  /// Bytes in huge pages of the mapping that has an address, from proc(5).
  private static long hugeBytes(long address) throws IOException {
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      String[] words = line.split("\\s+", -1);
      int dash = words[0].indexOf('-');
      if (dash > 0 && !words[0].endsWith(":")) {
        long start = Long.parseUnsignedLong(words[0].substring(0, dash), 16);
        long end = Long.parseUnsignedLong(words[0].substring(dash + 1), 16);
        inside =
            Long.compareUnsigned(start, address) <= 0 && Long.compareUnsigned(address, end) < 0;
      } else if (inside && words[0].equals("AnonHugePages:")) {
        return Long.parseLong(words[1]) * 1024;
      }
    }
    return 0;
  }
}
