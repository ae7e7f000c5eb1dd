package io.griffinfly.engine.jvm;

import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.DeviceMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Native memory of the host, which is the memory of this device.
final class NativeMemory implements DeviceMemory {
  private final @Nullable Arena arena;
  private final MemorySegment segment;

  private NativeMemory(@Nullable Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  /// Allocates memory of its own.
  @SuppressWarnings("MustBeClosed") // closed with the memory
  static NativeMemory allocate(long bytes) {
    Arena arena = Arena.ofShared();
    try {
      return new NativeMemory(arena, NativeHeap.SHARED.allocate(bytes, arena));
    } catch (OutOfMemoryError e) {
      arena.close();
      throw new DeviceException(
          "no room for " + bytes + " bytes of native memory: use a smaller batch or model", e);
    }
  }

  @Override
  public DeviceMemory slice(long offset, long bytes) {
    return new NativeMemory(null, segment.asSlice(offset, bytes));
  }

  MemorySegment segment() {
    return segment;
  }

  @Override
  public long bytes() {
    return segment.byteSize();
  }

  @Override
  public void write(long offset, MemorySegment from) {
    MemorySegment.copy(from, 0, segment, offset, from.byteSize());
  }

  @Override
  public void read(long offset, MemorySegment to) {
    MemorySegment.copy(segment, offset, to, 0, to.byteSize());
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
    }
  }
}
