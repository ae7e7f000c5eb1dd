package io.griffinfly.engine.plan;

import java.lang.foreign.MemorySegment;

/// A piece of memory that kernels of one device can use, owned by whoever allocated it.
public interface DeviceMemory extends AutoCloseable {
  /// Size.
  ///
  /// @return the size in bytes
  long bytes();

  /// Copies from the host; ordered behind every run that was started before.
  ///
  /// @param offset where to, in bytes
  /// @param from the bytes
  void write(long offset, MemorySegment from);

  /// Copies to the host; waits for every run that was started before.
  ///
  /// @param offset where from, in bytes
  /// @param to takes the bytes
  void read(long offset, MemorySegment to);

  /// A part of the memory, lent: closing it frees nothing.
  ///
  /// @param offset where it begins, in bytes
  /// @param bytes its size
  /// @return the part
  DeviceMemory slice(long offset, long bytes);

  /// Gives the memory back. Nothing may use it any more.
  @Override
  void close();
}
