package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Lanes.FLOATS;
import static io.griffinfly.engine.jvm.Memory.ALL;
import static io.griffinfly.engine.jvm.Memory.MASK;
import static io.griffinfly.engine.jvm.Memory.ORDER;

import jdk.incubator.vector.FloatVector;

/// Dot products of a vector with rows of a matrix, four rows at a time: as many streams as keep the
/// memory busy, and with two vectors of each as many sums as hide the latency of a multiply-add.
final class RowDots {
  /// Rows that are read at the same time.
  static final int ROWS = 4;

  /// Scratch memory of a call.
  static final long SCRATCH_BYTES = (long) ROWS * Lanes.BYTES;

  private RowDots() {}

  /// Four dot products.
  ///
  /// @param rows address of the first row, columns contiguous
  /// @param rowStride bytes from one row to the next
  /// @param vector address of the vector
  /// @param depth number of terms
  /// @param out address of the first result
  /// @param outStride bytes from one result to the next
  /// @param scratch address of [#SCRATCH_BYTES] bytes
  static void four(
      long rows, long rowStride, long vector, int depth, long out, long outStride, long scratch) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector sum0 = zero, next0 = zero;
    FloatVector sum1 = zero, next1 = zero;
    FloatVector sum2 = zero, next2 = zero;
    FloatVector sum3 = zero, next3 = zero;
    long a0 = rows & MASK;
    long a1 = (rows + rowStride) & MASK;
    long a2 = (rows + 2 * rowStride) & MASK;
    long a3 = (rows + 3 * rowStride) & MASK;
    long x = vector & MASK;
    long left = (long) depth * Float.BYTES;
    for (; left >= 2L * Lanes.BYTES; left -= 2L * Lanes.BYTES) {
      FloatVector x0 = FloatVector.fromMemorySegment(FLOATS, ALL, x, ORDER);
      FloatVector x1 = FloatVector.fromMemorySegment(FLOATS, ALL, x + Lanes.BYTES, ORDER);
      sum0 = FloatVector.fromMemorySegment(FLOATS, ALL, a0, ORDER).fma(x0, sum0);
      next0 = FloatVector.fromMemorySegment(FLOATS, ALL, a0 + Lanes.BYTES, ORDER).fma(x1, next0);
      sum1 = FloatVector.fromMemorySegment(FLOATS, ALL, a1, ORDER).fma(x0, sum1);
      next1 = FloatVector.fromMemorySegment(FLOATS, ALL, a1 + Lanes.BYTES, ORDER).fma(x1, next1);
      sum2 = FloatVector.fromMemorySegment(FLOATS, ALL, a2, ORDER).fma(x0, sum2);
      next2 = FloatVector.fromMemorySegment(FLOATS, ALL, a2 + Lanes.BYTES, ORDER).fma(x1, next2);
      sum3 = FloatVector.fromMemorySegment(FLOATS, ALL, a3, ORDER).fma(x0, sum3);
      next3 = FloatVector.fromMemorySegment(FLOATS, ALL, a3 + Lanes.BYTES, ORDER).fma(x1, next3);
      a0 = (a0 + 2L * Lanes.BYTES) & MASK;
      a1 = (a1 + 2L * Lanes.BYTES) & MASK;
      a2 = (a2 + 2L * Lanes.BYTES) & MASK;
      a3 = (a3 + 2L * Lanes.BYTES) & MASK;
      x = (x + 2L * Lanes.BYTES) & MASK;
    }
    long p = scratch & MASK;
    sum0.add(next0).intoMemorySegment(ALL, p, ORDER);
    sum1.add(next1).intoMemorySegment(ALL, p + Lanes.BYTES, ORDER);
    sum2.add(next2).intoMemorySegment(ALL, p + 2L * Lanes.BYTES, ORDER);
    sum3.add(next3).intoMemorySegment(ALL, p + 3L * Lanes.BYTES, ORDER);
    for (int row = 0; row < ROWS; row++) {
      float sum = LaneFold.sum(scratch + (long) row * Lanes.BYTES);
      sum += rest(rows + row * rowStride, vector, depth);
      Memory.store(out + row * outStride, sum);
    }
  }

  /// The terms behind the last whole pair of vectors.
  private static float rest(long row, long vector, int depth) {
    float sum = 0;
    for (int i = depth - depth % (2 * Lanes.COUNT); i < depth; i++) {
      long at = (long) i * Float.BYTES;
      sum += Memory.load(row + at) * Memory.load(vector + at);
    }
    return sum;
  }
}
