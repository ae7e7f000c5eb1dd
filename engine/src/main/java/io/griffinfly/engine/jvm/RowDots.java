package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Lanes.FLOATS;
import static io.griffinfly.engine.jvm.Memory.ALL;
import static io.griffinfly.engine.jvm.Memory.MASK;
import static io.griffinfly.engine.jvm.Memory.ORDER;

import jdk.incubator.vector.FloatVector;

/// Dot products of a vector with rows of a matrix, one row after the other, so that a thread reads
/// memory front to back: in huge pages that is what a processor fetches ahead best.
final class RowDots {
  /// Scratch memory of a call.
  static final long SCRATCH_BYTES = Lanes.BYTES;

  /// Vectors of one iteration, each with a sum of its own: four chains of multiply-adds are faster
  /// than memory.
  private static final int VECTORS = 4;

  private RowDots() {}

  /// One dot product.
  ///
  /// @param row address of the row, columns contiguous
  /// @param vector address of the vector
  /// @param depth number of terms
  /// @param scratch address of [#SCRATCH_BYTES] bytes
  static float dot(long row, long vector, int depth, long scratch) {
    FloatVector sum0 = FloatVector.zero(FLOATS);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    long a = row & MASK;
    long x = vector & MASK;
    long end = a + (long) (depth / (VECTORS * Lanes.COUNT)) * VECTORS * Lanes.BYTES;
    while (a != end) {
      sum0 =
          FloatVector.fromMemorySegment(FLOATS, ALL, a, ORDER)
              .fma(FloatVector.fromMemorySegment(FLOATS, ALL, x, ORDER), sum0);
      sum1 =
          FloatVector.fromMemorySegment(FLOATS, ALL, a + Lanes.BYTES, ORDER)
              .fma(FloatVector.fromMemorySegment(FLOATS, ALL, x + Lanes.BYTES, ORDER), sum1);
      sum2 =
          FloatVector.fromMemorySegment(FLOATS, ALL, a + 2L * Lanes.BYTES, ORDER)
              .fma(FloatVector.fromMemorySegment(FLOATS, ALL, x + 2L * Lanes.BYTES, ORDER), sum2);
      sum3 =
          FloatVector.fromMemorySegment(FLOATS, ALL, a + 3L * Lanes.BYTES, ORDER)
              .fma(FloatVector.fromMemorySegment(FLOATS, ALL, x + 3L * Lanes.BYTES, ORDER), sum3);
      a = (a + (long) VECTORS * Lanes.BYTES) & MASK;
      x = (x + (long) VECTORS * Lanes.BYTES) & MASK;
    }
    long p = scratch & MASK;
    sum0.add(sum1).add(sum2.add(sum3)).intoMemorySegment(ALL, p, ORDER);
    float sum = LaneFold.sum(p);
    return sum + rest(row, vector, depth);
  }

  /// The terms behind the last whole iteration.
  private static float rest(long row, long vector, int depth) {
    float sum = 0;
    for (int i = depth - depth % (VECTORS * Lanes.COUNT); i < depth; i++) {
      long at = (long) i * Float.BYTES;
      sum += Memory.load(row + at) * Memory.load(vector + at);
    }
    return sum;
  }
}
