package io.griffinfly.engine.jvm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;

/// Memory straight from the operating system, in huge pages where it has them.
///
/// A weight is read from memory in every run. With pages of 4 KB each of them costs a walk through
/// the page tables and interrupts the processor's prefetch; with pages of 2 MB one token of SmolLM2
/// takes 6 % less (docs/perf-history.md). Linux gives huge pages by itself only where its setting
/// is `always`; the usual one is `madvise`, so this asks: mmap(2) and madvise(2) of the C library,
/// which is there in any case. Elsewhere, or where either is refused, an arena serves.
final class Pages {
  /// Size of a huge page on x86-64, and of the common one on arm64.
  static final long HUGE = 2L << 20;

  private static final int READ_WRITE = 0x1 | 0x2;
  private static final int PRIVATE_ANONYMOUS = 0x02 | 0x20;
  private static final int ADVICE_HUGE_PAGES = 14;

  private static final Optional<Pages> LINUX = link();

  private final MethodHandle map;
  private final MethodHandle unmap;
  private final MethodHandle advise;

  private Pages(MethodHandle map, MethodHandle unmap, MethodHandle advise) {
    this.map = map;
    this.unmap = unmap;
    this.advise = advise;
  }

  /// Maps memory that begins at a multiple of [#HUGE]; its content is zeros.
  ///
  /// @param bytes how much, a multiple of [#HUGE]
  /// @param arena whose closing unmaps it
  /// @return the memory
  /// @throws OutOfMemoryError if the operating system has none left
  static MemorySegment allocate(long bytes, Arena arena) {
    return LINUX
        .map(pages -> pages.mapped(bytes, arena))
        .orElseGet(() -> arena.allocate(bytes, HUGE));
  }

  /// Constants of the two calls are Linux's own on the two architectures that it is used on.
  @SuppressWarnings("restricted")
  private static Optional<Pages> link() {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")) {
      return Optional.empty();
    }
    Linker linker = Linker.nativeLinker();
    SymbolLookup library = linker.defaultLookup();
    return library
        .find("mmap")
        .flatMap(map ->
            library
                .find("munmap")
                .flatMap(unmap ->
                    library
                        .find("madvise")
                        .map(advise ->
                            new Pages(
                                linker.downcallHandle(
                                    map,
                                    FunctionDescriptor.of(
                                        JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                                        JAVA_LONG)),
                                linker.downcallHandle(
                                    unmap, FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG)),
                                linker.downcallHandle(
                                    advise,
                                    FunctionDescriptor.of(
                                        JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT))))));
  }

  /// Maps one huge page more than asked for and gives the ends back, because mmap aligns to small
  /// pages only.
  @SuppressWarnings("restricted")
  private MemorySegment mapped(long bytes, Arena arena) {
    long start = mapAnywhere(bytes + HUGE);
    long aligned = Math.ceilDiv(start, HUGE) * HUGE;
    unmap(start, aligned - start);
    unmap(aligned + bytes, start + HUGE - aligned);
    advise(aligned, bytes);
    return MemorySegment.ofAddress(aligned)
        .reinterpret(bytes, arena, memory -> unmap(memory.address(), bytes));
  }

  private long mapAnywhere(long bytes) {
    long address;
    try {
      address =
          (long) map.invokeExact(MemorySegment.NULL, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
    } catch (Throwable thrown) {
      throw new LinkageError("mmap", thrown);
    }
    if (address == -1) {
      throw new OutOfMemoryError("mmap of " + bytes + " bytes was refused");
    }
    return address;
  }

  private void unmap(long address, long bytes) {
    if (bytes == 0) {
      return;
    }
    try {
      int status = (int) unmap.invokeExact(address, bytes);
      if (status != 0) {
        throw new IllegalStateException("munmap of " + bytes + " bytes was refused");
      }
    } catch (RuntimeException refused) {
      throw refused;
    } catch (Throwable thrown) {
      throw new LinkageError("munmap", thrown);
    }
  }

  /// A kernel without huge pages refuses, and small pages do as well: the answer does not matter.
  private void advise(long address, long bytes) {
    try {
      int _ = (int) advise.invokeExact(address, bytes, ADVICE_HUGE_PAGES);
    } catch (Throwable thrown) {
      throw new LinkageError("madvise", thrown);
    }
  }
}
