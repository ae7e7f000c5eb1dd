package io.griffinfly.engine.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Places temporary buffers in one arena so that those share memory that never live at the same
/// time: largest first, each into the smallest gap that holds it (Pisarchyk and Lee 2020,
/// "Efficient Memory Management for Deep Neural Net Inference", greedy by size).
///
/// A buffer lives from the level that writes it first to the level that touches it last, so no two
/// steps of one level meet in memory and sharing adds no hazard.
final class MemoryPlanner {
  /// Bytes: the most that any device asks of the beginning of a buffer (Vulkan's largest
  /// `minStorageBufferOffsetAlignment`), and more than a cache line or a vector.
  static final long ALIGNMENT = 256;

  private MemoryPlanner() {}

  /// Offsets in the arena.
  ///
  /// @param offsets byte offset of each temporary buffer
  /// @param bytes size of the arena
  record Arena(Map<Integer, Long> offsets, long bytes) {}

  private record Life(int buffer, long bytes, int first, int last) {
    boolean meets(Life other) {
      return first <= other.last && other.first <= last;
    }
  }

  private record Placed(Life life, long offset) {}

  static Arena plan(List<Buffer> buffers, List<List<Step>> levels, Set<Integer> kept, int longer) {
    List<Life> lives = lives(buffers, levels, kept, longer);
    lives.sort(Comparator.comparingLong(Life::bytes).reversed().thenComparingInt(Life::buffer));
    List<Placed> placed = new ArrayList<>();
    long size = 0;
    Map<Integer, Long> offsets = new HashMap<>();
    for (Life life : lives) {
      long offset = bestGap(life, placed);
      placed.add(new Placed(life, offset));
      offsets.put(life.buffer, offset);
      size = Math.max(size, offset + life.bytes);
    }
    return new Arena(offsets, size);
  }

  private static long bestGap(Life life, List<Placed> placed) {
    List<Placed> beside =
        placed.stream()
            .filter(other -> other.life.meets(life))
            .sorted(Comparator.comparingLong(Placed::offset))
            .toList();
    long best = -1;
    long bestSize = Long.MAX_VALUE;
    long end = 0;
    for (Placed other : beside) {
      long gap = other.offset - end;
      if (gap >= life.bytes && gap < bestSize) {
        best = end;
        bestSize = gap;
      }
      end = Math.max(end, other.offset + other.life.bytes);
    }
    return best >= 0 ? best : end;
  }

  private static List<Life> lives(
      List<Buffer> buffers, List<List<Step>> levels, Set<Integer> kept, int longer) {
    int[] first = new int[buffers.size()];
    int[] last = new int[buffers.size()];
    java.util.Arrays.fill(first, Integer.MAX_VALUE);
    java.util.Arrays.fill(last, -1);
    for (int level = 0; level < levels.size(); level++) {
      for (Step step : levels.get(level)) {
        for (View view : step.views()) {
          first[view.buffer()] = Math.min(first[view.buffer()], level);
          last[view.buffer()] = level;
        }
      }
    }
    List<Life> lives = new ArrayList<>();
    for (Buffer buffer : buffers) {
      if (buffer.kind() == Buffer.Kind.TEMPORARY && last[buffer.id()] >= 0) {
        int end = kept.contains(buffer.id()) ? levels.size() : last[buffer.id()] + longer;
        long bytes = (buffer.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        lives.add(new Life(buffer.id(), bytes, first[buffer.id()], end));
      }
    }
    return lives;
  }
}
