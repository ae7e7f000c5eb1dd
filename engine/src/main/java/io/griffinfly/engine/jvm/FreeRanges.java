package io.griffinfly.engine.jvm;

import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/// The free parts of a range of bytes: first fit, and neighbours that are given back become one
/// part again, so that whatever order things are freed in, the range ends whole.
final class FreeRanges {
  private final long size;
  private final NavigableMap<Long, Long> lengths = new TreeMap<>();

  /// A range that is free from end to end.
  ///
  /// @param size its bytes, more than 0
  FreeRanges(long size) {
    this.size = size;
    lengths.put(0L, size);
  }

  /// Takes the first part that is long enough.
  ///
  /// @param bytes how much, more than 0
  /// @return where it begins; empty if no part is long enough
  OptionalLong take(long bytes) {
    Map.Entry<Long, Long> fit = null;
    for (Map.Entry<Long, Long> free : lengths.entrySet()) {
      if (free.getValue() >= bytes) {
        fit = free;
        break;
      }
    }
    if (fit == null) {
      return OptionalLong.empty();
    }
    long offset = fit.getKey();
    long rest = fit.getValue() - bytes;
    lengths.remove(offset);
    if (rest > 0) {
      lengths.put(offset + bytes, rest);
    }
    return OptionalLong.of(offset);
  }

  /// Gives a part back that was taken.
  ///
  /// @param offset where it begins
  /// @param bytes its length
  /// @throws IllegalStateException if some of it is free
  void giveBack(long offset, long bytes) {
    Map.Entry<Long, Long> before = lengths.floorEntry(offset);
    Map.Entry<Long, Long> after = lengths.ceilingEntry(offset);
    boolean overlaps =
        (before != null && before.getKey() + before.getValue() > offset)
            || (after != null && offset + bytes > after.getKey());
    if (overlaps || offset < 0 || offset + bytes > size) {
      throw new IllegalStateException(bytes + " bytes at " + offset + " were not taken");
    }
    long start = offset;
    long end = offset + bytes;
    if (before != null && before.getKey() + before.getValue() == offset) {
      start = before.getKey();
    }
    if (after != null && after.getKey() == end) {
      end += after.getValue();
      lengths.remove(after.getKey());
    }
    lengths.put(start, end - start);
  }

  /// Whether nothing is taken.
  boolean isWhole() {
    return Long.valueOf(size).equals(lengths.get(0L));
  }
}
