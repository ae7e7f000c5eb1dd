package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.jvm.TileLoop.Access;

/// A loop over whole vectors made into one over any number of columns: what is left of a row is
/// copied to a vector of its own in the block, goes through the same code and is copied back, so an
/// element's value does not depend on where it stands.
///
/// Masked vectors would do without the copies. But they double the code, and C1 gives up on long
/// expressions ("out of virtual registers"); HotSpot, which has started such a method in its second
/// tier because the queue to C2 was long, then never asks C2.
final class VectorLoop implements TileLoop {
  private final LoopSpec spec;
  private final TileLoop whole;
  private final TileLoop single;

  /// Completes a loop.
  ///
  /// @param spec what it computes
  /// @param whole the loop over whole vectors
  /// @param single the same expression without a fold: the loop itself where there is none
  VectorLoop(LoopSpec spec, TileLoop whole, TileLoop single) {
    this.spec = spec;
    this.whole = whole;
    this.single = single;
  }

  @Override
  public void run(long block, int rows, int columns) {
    int rest = columns % Lanes.COUNT;
    int first = columns - rest;
    if (first > 0) {
      whole.run(block, rows, first);
    }
    if (rest > 0) {
      for (int row = 0; row < rows; row++) {
        rest(block, row, first, rest);
      }
    }
  }

  private void rest(long block, int row, int first, int count) {
    int operands = spec.operandTypes().size();
    int entries = spec.entries();
    long own = block + TileLoop.restAt(entries);
    long vectors = own + TileLoop.vectorsAt(entries);
    for (int entry = 0; entry < entries; entry++) {
      long vector = vectors + entry * Memory.ALIGNMENT;
      if (entry < operands && spec.access(entry) == Access.SPLAT) {
        TileLoop.set(own, entry, address(block, entry, row), 0, 0);
      } else {
        TileLoop.set(own, entry, vector, 0, Float.BYTES);
        if (entry < operands) {
          copy(address(block, entry, row) + (long) first * Float.BYTES, vector, count);
        }
      }
    }
    single.run(own, 1, Lanes.COUNT);
    ReduceFn fold = spec.fold();
    for (int entry = operands; entry < entries; entry++) {
      long vector = vectors + entry * Memory.ALIGNMENT;
      long result = address(block, entry, row);
      if (fold == null) {
        copy(vector, result + (long) first * Float.BYTES, count);
      } else {
        float begin = first > 0 ? Memory.load(result) : neutral(fold);
        Memory.store(result, combine(fold, begin, vector, count));
      }
    }
  }

  private static float neutral(ReduceFn fold) {
    return switch (fold) {
      case SUM -> 0;
      case MAX -> Float.NEGATIVE_INFINITY;
    };
  }

  private static float combine(ReduceFn fold, float begin, long vector, int count) {
    float value = begin;
    for (int i = 0; i < count; i++) {
      float next = Memory.load(vector + (long) i * Float.BYTES);
      value =
          switch (fold) {
            case SUM -> value + next;
            case MAX -> Math.max(value, next);
          };
    }
    return value;
  }

  private static long address(long block, int entry, int row) {
    long at = block + (long) entry * ENTRY_BYTES;
    return Memory.ALL.get(Memory.LONG, at) + row * Memory.ALL.get(Memory.LONG, at + Long.BYTES);
  }

  private static void copy(long from, long to, int count) {
    for (int i = 0; i < count; i++) {
      Memory.store(to + (long) i * Float.BYTES, Memory.load(from + (long) i * Float.BYTES));
    }
  }
}
