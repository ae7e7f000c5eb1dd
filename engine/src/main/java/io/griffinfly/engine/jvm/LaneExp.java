package io.griffinfly.engine.jvm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// The exponential of [LaneMath#exp], for kernels written by hand: the same steps on the same
/// constants, so that the bits are the same interpreted, compiled and in generated loops.
final class LaneExp {
  private static final float LOW = -104;
  private static final float HIGH = 89;
  private static final float LOG_2_INVERSE = (float) (1 / Math.log(2));
  private static final float C2 = (float) LaneMath.EXP_TAIL[0];
  private static final float C3 = (float) LaneMath.EXP_TAIL[1];
  private static final float C4 = (float) LaneMath.EXP_TAIL[2];
  private static final float C5 = (float) LaneMath.EXP_TAIL[3];
  private static final float C6 = (float) LaneMath.EXP_TAIL[4];

  private LaneExp() {}

  /// e^x; 0 below −104, infinity above 89.
  static FloatVector exp(FloatVector x) {
    FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1);
    FloatVector clamped = x.blend(LOW, x.compare(VectorOperators.LT, LOW));
    clamped = clamped.blend(HIGH, x.compare(VectorOperators.GT, HIGH));
    FloatVector shifted = clamped.fma(LOG_2_INVERSE, LaneMath.MAGIC);
    FloatVector n = shifted.sub(LaneMath.MAGIC);
    FloatVector r = n.fma(FloatVector.broadcast(Lanes.FLOATS, -LaneMath.LOG_2_HIGH), clamped);
    r = n.fma(FloatVector.broadcast(Lanes.FLOATS, -LaneMath.LOG_2_LOW), r);
    FloatVector tail = r.fma(C6, C5);
    tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, C4));
    tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, C3));
    tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, C2));
    FloatVector power = tail.fma(r, one).fma(r, one);
    IntVector exponent = shifted.reinterpretAsInts().sub(LaneMath.MAGIC_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return power.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
  }

  private static FloatVector powerOfTwo(IntVector exponent) {
    return exponent
        .add(LaneMath.BIAS)
        .lanewise(VectorOperators.LSHL, LaneMath.MANTISSA)
        .reinterpretAsFloats();
  }
}
