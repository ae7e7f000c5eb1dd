package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Lanes.FLOATS;
import static io.griffinfly.engine.jvm.Memory.ALL;
import static io.griffinfly.engine.jvm.Memory.FLOAT;
import static io.griffinfly.engine.jvm.Memory.MASK;
import static io.griffinfly.engine.jvm.Memory.ORDER;

import jdk.incubator.vector.FloatVector;

/// 5 rows by 2 vectors: 10 accumulators.
final class Product5x2 implements TileProduct {
  private static final long LEFT_STEP = 5 * Float.BYTES;
  private static final long NEXT = Lanes.BYTES;
  private static final long RIGHT_STEP = 2 * NEXT;

  @Override
  public int rows() {
    return 5;
  }

  @Override
  public void multiply(long left, long right, int depth, long out, long outStride) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector sum0 = zero, next0 = zero;
    FloatVector sum1 = zero, next1 = zero;
    FloatVector sum2 = zero, next2 = zero;
    FloatVector sum3 = zero, next3 = zero;
    FloatVector sum4 = zero, next4 = zero;
    long a = left & MASK;
    long b = right & MASK;
    long end = b + depth * RIGHT_STEP;
    while (b != end) {
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, ALL, b, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, ALL, b + NEXT, ORDER);
      FloatVector x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, a));
      sum0 = x.fma(b0, sum0);
      next0 = x.fma(b1, next0);
      x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, a + 4));
      sum1 = x.fma(b0, sum1);
      next1 = x.fma(b1, next1);
      x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, a + 8));
      sum2 = x.fma(b0, sum2);
      next2 = x.fma(b1, next2);
      x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, a + 12));
      sum3 = x.fma(b0, sum3);
      next3 = x.fma(b1, next3);
      x = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, a + 16));
      sum4 = x.fma(b0, sum4);
      next4 = x.fma(b1, next4);
      a = (a + LEFT_STEP) & MASK;
      b = (b + RIGHT_STEP) & MASK;
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
    p = (p + outStride) & MASK;
    sum4.intoMemorySegment(ALL, p, ORDER);
    next4.intoMemorySegment(ALL, p + NEXT, ORDER);
  }
}
