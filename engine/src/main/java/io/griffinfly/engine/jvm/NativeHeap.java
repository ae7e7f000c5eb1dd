package io.griffinfly.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Hands out native memory in pieces of slabs, so that pieces of any size lie in huge pages: of a
/// weight of 2.2 MB on its own only one page could be huge. A slab goes back to the operating
/// system with its last piece.
final class NativeHeap {
  /// The heap of this process.
  static final NativeHeap SHARED = new NativeHeap();

  private static final long SLAB_BYTES = 32 * Pages.HUGE;

  private final List<Slab> slabs = new ArrayList<>();

  NativeHeap() {}

  private record Slab(Arena arena, MemorySegment memory, FreeRanges free) {
    boolean has(long address) {
      long offset = address - memory.address();
      return offset >= 0 && offset < memory.byteSize();
    }
  }

  /// A piece of memory; its content is undefined.
  ///
  /// @param bytes how much, more than 0
  /// @param arena whose closing gives it back
  /// @return memory aligned to [Memory#ALIGNMENT]
  /// @throws OutOfMemoryError if there is not enough
  @SuppressWarnings("restricted")
  MemorySegment allocate(long bytes, Arena arena) {
    long rounded = Memory.aligned(bytes);
    MemorySegment piece = take(rounded);
    return piece.reinterpret(bytes, arena, _ -> giveBack(piece.address(), rounded));
  }

  private synchronized MemorySegment take(long bytes) {
    for (Slab slab : slabs) {
      OptionalLong offset = slab.free.take(bytes);
      if (offset.isPresent()) {
        return slab.memory.asSlice(offset.getAsLong(), bytes);
      }
    }
    Slab slab = slab(Math.max(SLAB_BYTES, Math.ceilDiv(bytes, Pages.HUGE) * Pages.HUGE));
    slabs.add(slab);
    return slab.memory.asSlice(slab.free.take(bytes).getAsLong(), bytes);
  }

  @SuppressWarnings("MustBeClosed") // closed with the slab's last piece
  private static Slab slab(long bytes) {
    Arena arena = Arena.ofShared();
    try {
      return new Slab(arena, Pages.allocate(bytes, arena), new FreeRanges(bytes));
    } catch (OutOfMemoryError e) {
      arena.close();
      throw e;
    }
  }

  private synchronized void giveBack(long address, long bytes) {
    Slab slab =
        slabs.stream().filter(candidate -> candidate.has(address)).findFirst().orElseThrow();
    slab.free.giveBack(address - slab.memory.address(), bytes);
    if (slab.free.isWhole()) {
      slabs.remove(slab);
      slab.arena.close();
    }
  }

  /// Bytes taken from the operating system.
  synchronized long slabBytes() {
    return slabs.stream().mapToLong(slab -> slab.memory.byteSize()).sum();
  }
}
