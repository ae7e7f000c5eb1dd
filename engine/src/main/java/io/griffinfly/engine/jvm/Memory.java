package io.griffinfly.engine.jvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Native memory as kernels see it: one constant segment over every address.
final class Memory {
  /// Offset in this segment is absolute address.
  static final MemorySegment ALL = everything();

  /// Every address is below this many bits. An address that was and-ed with it needs no range
  /// check, and keeps needing none after small offsets are added.
  static final long MASK = Long.MAX_VALUE >> 1;

  /// Byte order of every access.
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /// Without an alignment check, which would be paid at each access.
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /// As [#FLOAT], for indices.
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  /// As [#FLOAT], for 64-bit indices.
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /// As [#FLOAT].
  static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  /// As [#FLOAT], for half-size elements.
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  /// As [#FLOAT], for truth values.
  static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  /// Alignment in bytes of every buffer: a cache line, and the widest vector.
  static final long ALIGNMENT = 64;

  private Memory() {}

  @SuppressWarnings("restricted")
  private static MemorySegment everything() {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  /// The address of `bytes` bytes at `offset` of `segment`, checked against its extent, which must
  /// be native and still alive. The caller keeps the segment alive while the address is in use.
  static long address(MemorySegment segment, long offset, long bytes) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "kernels take native memory: copy this heap segment of "
              + segment.byteSize()
              + " bytes into an arena");
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException("the arena of this kernel's operand is closed");
    }
    if (offset < 0 || bytes < 0 || offset > segment.byteSize() - bytes) {
      throw new IndexOutOfBoundsException(
          "operand of "
              + bytes
              + " bytes at "
              + offset
              + " lies outside its segment of "
              + segment.byteSize()
              + " bytes");
    }
    return segment.address() + offset;
  }

  /// The next multiple of [#ALIGNMENT].
  static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  /// Reads the float at `address`.
  static float load(long address) {
    return ALL.get(FLOAT, address);
  }

  /// Writes the float at `address`.
  static void store(long address, float value) {
    ALL.set(FLOAT, address, value);
  }
}
