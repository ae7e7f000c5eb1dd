package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Lanes.FLOATS;
import static io.griffinfly.engine.jvm.Memory.ALL;
import static io.griffinfly.engine.jvm.Memory.FLOAT;
import static io.griffinfly.engine.jvm.Memory.MASK;
import static io.griffinfly.engine.jvm.Memory.ORDER;

import jdk.incubator.vector.FloatVector;

/// 4 rows by 2 vectors: 8 accumulators.
final class Product4x2 implements TileProduct {
  private static final long NEXT = Lanes.BYTES;
  private static final long RIGHT_STEP = 2 * NEXT;

  @Override
  public int rows() {
    return 4;
  }

  /// One method, because the accumulators live in its registers.
  @Override
  @SuppressWarnings("checkstyle:MethodLength")
  public void multiply(
      long left,
      long rowStride,
      long termStride,
      long right,
      int depth,
      long out,
      long outStride,
      boolean add) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector sum0 = zero, next0 = zero;
    FloatVector sum1 = zero, next1 = zero;
    FloatVector sum2 = zero, next2 = zero;
    FloatVector sum3 = zero, next3 = zero;
    long twoRows = 2 * rowStride;
    long threeRows = 3 * rowStride;
    long a = left & MASK;
    long b = right & MASK;
    long end = b + depth * RIGHT_STEP;
    while (b != end) {
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, ALL, b, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, ALL, b + NEXT, ORDER);
      FloatVector x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, a));
      sum0 = x.fma(b0, sum0);
      next0 = x.fma(b1, next0);
      x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, (a + rowStride) & MASK));
      sum1 = x.fma(b0, sum1);
      next1 = x.fma(b1, next1);
      x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, (a + twoRows) & MASK));
      sum2 = x.fma(b0, sum2);
      next2 = x.fma(b1, next2);
      x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, (a + threeRows) & MASK));
      sum3 = x.fma(b0, sum3);
      next3 = x.fma(b1, next3);
      a = (a + termStride) & MASK;
      b = (b + RIGHT_STEP) & MASK;
    }
    if (add) {
      long p = out & MASK;
      sum0 = FloatVector.fromMemorySegment(FLOATS, ALL, p, ORDER).add(sum0);
      next0 = FloatVector.fromMemorySegment(FLOATS, ALL, p + NEXT, ORDER).add(next0);
      p = (p + outStride) & MASK;
      sum1 = FloatVector.fromMemorySegment(FLOATS, ALL, p, ORDER).add(sum1);
      next1 = FloatVector.fromMemorySegment(FLOATS, ALL, p + NEXT, ORDER).add(next1);
      p = (p + outStride) & MASK;
      sum2 = FloatVector.fromMemorySegment(FLOATS, ALL, p, ORDER).add(sum2);
      next2 = FloatVector.fromMemorySegment(FLOATS, ALL, p + NEXT, ORDER).add(next2);
      p = (p + outStride) & MASK;
      sum3 = FloatVector.fromMemorySegment(FLOATS, ALL, p, ORDER).add(sum3);
      next3 = FloatVector.fromMemorySegment(FLOATS, ALL, p + NEXT, ORDER).add(next3);
    }
    long p = out & MASK;
    sum0.intoMemorySegment(ALL, p, ORDER);
    next0.intoMemorySegment(ALL, p + NEXT, ORDER);
    p = (p + outStride) & MASK;
    sum1.intoMemorySegment(ALL, p, ORDER);
    next1.intoMemorySegment(ALL, p + NEXT, ORDER);
    p = (p + outStride) & MASK;
    sum2.intoMemorySegment(ALL, p, ORDER);
    next2.intoMemorySegment(ALL, p + NEXT, ORDER);
    p = (p + outStride) & MASK;
    sum3.intoMemorySegment(ALL, p, ORDER);
    next3.intoMemorySegment(ALL, p + NEXT, ORDER);
  }
}
