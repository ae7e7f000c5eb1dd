package io.griffinfly.engine.jvm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The exponential that makes softmax weights of scores: [LaneMath#exp] for kernels written by
/// hand, for arguments that are 0 or less up to rounding.
///
/// It has as few operations as it can: C2 counts the nodes of all of them against the size of the
/// method that they are inlined into, and boxes what is too much. So the power of two goes into the
/// exponent in one step, and what would be subnormal, less than 1.2e-38 of a sum that is 1 or more,
/// is 0.
final class LaneExp {
  /// Above it e^x is a normal number.
  private static final float LOW = -87.3f;

  private static final float LOG_2_INVERSE = (float) (1 / Math.log(2));
  private static final float C2 = (float) LaneMath.EXP_TAIL[0];
  private static final float C3 = (float) LaneMath.EXP_TAIL[1];
  private static final float C4 = (float) LaneMath.EXP_TAIL[2];
  private static final float C5 = (float) LaneMath.EXP_TAIL[3];
  private static final float C6 = (float) LaneMath.EXP_TAIL[4];

  private LaneExp() {}

  /// e^x for x up to 88; 0 below −87.3, the same bits as [LaneMath#exp] above it.
  static FloatVector weight(FloatVector x) {
    VectorMask<Float> vanishes = x.compare(VectorOperators.LT, LOW);
    FloatVector shifted = x.fma(LOG_2_INVERSE, LaneMath.MAGIC);
    FloatVector n = shifted.sub(LaneMath.MAGIC);
    FloatVector r = n.fma(FloatVector.broadcast(Lanes.FLOATS, -LaneMath.LOG_2_HIGH), x);
    r = n.fma(FloatVector.broadcast(Lanes.FLOATS, -LaneMath.LOG_2_LOW), r);
    FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1);
    FloatVector tail = r.fma(C6, C5);
    tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, C4));
    tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, C3));
    tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, C2));
    FloatVector power = tail.fma(r, one).fma(r, one);
    // n stands in the low bits of `shifted`; the others leave a word at its upper end.
    return power
        .reinterpretAsInts()
        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, LaneMath.MANTISSA))
        .reinterpretAsFloats()
        .blend(0f, vanishes);
  }
}
