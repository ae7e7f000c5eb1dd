package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Memory.ALL;
import static io.griffinfly.engine.jvm.Memory.FLOAT;
import static io.griffinfly.engine.jvm.Memory.MASK;

import jdk.incubator.vector.FloatVector;

/// A matrix of two vectors a row, row after row: a few rows of a strided matrix, transposed, so
/// that each of them has a lane of its own.
final class LanePanel {
  /// Lanes of a panel.
  static final int WIDTH = 2 * Lanes.COUNT;

  /// Bytes of a row.
  static final long ROW = 2L * Lanes.BYTES;

  private LanePanel() {}

  /// Bytes of so many rows.
  static long bytes(int rows) {
    return rows * ROW;
  }

  /// Writes `count` rows of a matrix, times a factor, as the first lanes of a panel, and zeros into
  /// its other lanes.
  ///
  /// @param source address of the first of the rows, whose elements are contiguous
  /// @param stride bytes from row to row
  /// @param count of them, 1 to [#WIDTH]
  /// @param depth elements of each
  static void pack(long source, long stride, int count, int depth, float factor, long panel) {
    if (count < WIDTH) {
      fill(panel, depth, 0);
    }
    for (int lane = 0; lane < count; lane++) {
      long from = (source + lane * stride) & MASK;
      long to = (panel + lane * (long) Float.BYTES) & MASK;
      for (int i = 0; i < depth; i++) {
        ALL.set(FLOAT, to, ALL.get(FLOAT, from) * factor);
        from = (from + Float.BYTES) & MASK;
        to = (to + ROW) & MASK;
      }
    }
  }

  /// Writes the first `count` lanes of a panel, each times its own factor, as rows of a matrix.
  ///
  /// @param factors address of one a lane
  /// @param target address of the first of the rows, whose elements are contiguous
  /// @param stride bytes from row to row
  static void unpack(long panel, int depth, int count, long factors, long target, long stride) {
    for (int lane = 0; lane < count; lane++) {
      float factor = Memory.load(factors + lane * (long) Float.BYTES);
      long from = (panel + lane * (long) Float.BYTES) & MASK;
      long to = (target + lane * stride) & MASK;
      for (int i = 0; i < depth; i++) {
        ALL.set(FLOAT, to, ALL.get(FLOAT, from) * factor);
        from = (from + ROW) & MASK;
        to = (to + Float.BYTES) & MASK;
      }
    }
  }

  /// Writes one number everywhere.
  static void fill(long panel, int rows, float value) {
    FloatVector vector = FloatVector.broadcast(Lanes.FLOATS, value);
    long at = panel & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      Lanes.store(at, vector);
      Lanes.store(at + Lanes.BYTES, vector);
      at = (at + ROW) & MASK;
    }
  }

  /// Multiplies every row by the same row of factors.
  static void scale(long panel, int rows, long factors) {
    FloatVector factor = Lanes.load(factors & MASK);
    FloatVector next = Lanes.load((factors & MASK) + Lanes.BYTES);
    long at = panel & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      Lanes.store(at, Lanes.load(at).mul(factor));
      Lanes.store(at + Lanes.BYTES, Lanes.load(at + Lanes.BYTES).mul(next));
      at = (at + ROW) & MASK;
    }
  }
}
