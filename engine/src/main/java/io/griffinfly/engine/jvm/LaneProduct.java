package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.LanePanel.ROW;
import static io.griffinfly.engine.jvm.Lanes.FLOATS;
import static io.griffinfly.engine.jvm.Memory.ALL;
import static io.griffinfly.engine.jvm.Memory.FLOAT;
import static io.griffinfly.engine.jvm.Memory.MASK;
import static io.griffinfly.engine.jvm.Memory.ORDER;

import jdk.incubator.vector.FloatVector;

/// Products of a strided matrix by a [LanePanel], into another panel, in tiles of 4 rows by 2
/// vectors: 8 accumulators hide the latency of two FMA units. The left matrix is read in place, so
/// that each element of a key or value is loaded once a panel and never copied.
///
/// Sums are taken in ascending order of the terms.
final class LaneProduct {
  private static final long NEXT = Lanes.BYTES;

  /// The tile of matrix products serves here too: a panel of queries is one of its panels.
  private static final TileProduct FOUR = new Product4x2();

  private LaneProduct() {}

  /// `out[r][lane] = Σ_p left[r][p] · panel[p][lane]`.
  ///
  /// @param left address of row 0, whose elements are contiguous
  /// @param stride bytes from row to row
  /// @param rows of `left` and of the result
  /// @param depth rows of the panel, 1 or more
  static void rows(long left, long stride, int rows, int depth, long panel, long out) {
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      FOUR.multiply(
          left + r * stride, stride, Float.BYTES, panel, depth, out + r * ROW, ROW, false);
    }
    for (; r < rows; r++) {
      rows1(left + r * stride, depth, panel, out + r * ROW);
    }
  }

  /// `out[c][lane] += Σ_p left[p][c] · panel[p][lane]`.
  ///
  /// @param left address of row 0, whose elements are contiguous
  /// @param stride bytes from row to row
  /// @param columns of `left`, and rows of the result
  /// @param depth rows of `left` and of the panel, 1 or more
  static void addColumns(long left, long stride, int columns, int depth, long panel, long out) {
    int c = 0;
    for (; c + 4 <= columns; c += 4) {
      FOUR.multiply(
          left + c * (long) Float.BYTES,
          Float.BYTES,
          stride,
          panel,
          depth,
          out + c * ROW,
          ROW,
          true);
    }
    for (; c < columns; c++) {
      columns1(left + c * (long) Float.BYTES, stride, depth, panel, out + c * ROW);
    }
  }

  private static void rows1(long left, int depth, long panel, long out) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector sum0 = zero, next0 = zero;
    long a0 = left & MASK;
    long b = panel & MASK;
    long end = b + depth * ROW;
    while (b != end) {
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, ALL, b, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, ALL, b + NEXT, ORDER);
      FloatVector x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, a0));
      sum0 = x.fma(b0, sum0);
      next0 = x.fma(b1, next0);
      a0 = (a0 + Float.BYTES) & MASK;
      b = (b + ROW) & MASK;
    }
    long p = out & MASK;
    sum0.intoMemorySegment(ALL, p, ORDER);
    next0.intoMemorySegment(ALL, p + NEXT, ORDER);
  }

  private static void columns1(long left, long stride, int depth, long panel, long out) {
    long p = out & MASK;
    FloatVector sum0 = Lanes.load(p);
    FloatVector next0 = Lanes.load(p + NEXT);
    long a = left & MASK;
    long b = panel & MASK;
    long end = b + depth * ROW;
    while (b != end) {
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, ALL, b, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, ALL, b + NEXT, ORDER);
      FloatVector x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, a));
      sum0 = x.fma(b0, sum0);
      next0 = x.fma(b1, next0);
      a = (a + stride) & MASK;
      b = (b + ROW) & MASK;
    }
    sum0.intoMemorySegment(ALL, p, ORDER);
    next0.intoMemorySegment(ALL, p + NEXT, ORDER);
  }
}
