package io.griffinfly.engine.jvm;

/// Scalar functions that have no instruction or `Math` method of their own, called by generated
/// scalar loops. Functions of real numbers are computed in double precision.
final class ScalarMath {
  private ScalarMath() {}

  static int sign(int x) {
    return Integer.signum(x);
  }

  static long sign(long x) {
    return Long.signum(x);
  }

  static float sign(float x) {
    return Math.signum(x);
  }

  static double sign(double x) {
    return Math.signum(x);
  }

  static int relu(int x) {
    return Math.max(x, 0);
  }

  static long relu(long x) {
    return Math.max(x, 0);
  }

  static float relu(float x) {
    return Math.max(x, 0);
  }

  static double relu(double x) {
    return Math.max(x, 0);
  }

  static double reciprocal(double x) {
    return 1 / x;
  }

  static double sigmoid(double x) {
    double e = Math.exp(-Math.abs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
  }

  static double silu(double x) {
    return x * sigmoid(x);
  }

  static double swiglu(double gate, double up) {
    return silu(gate) * up;
  }

  static double rsqrt(double x) {
    return 1 / Math.sqrt(x);
  }

  /// The largest power of two that |x| reaches.
  static double powerOfTwo(double x) {
    double size = Math.abs(x);
    return size == 0 || !Double.isFinite(size) ? size : Math.scalb(1.0, Math.getExponent(size));
  }

  /// Gauss's error function: its Taylor series for |x| < 2.5, else the continued fraction of its
  /// complement (Abramowitz and Stegun 7.1.6 and 7.1.14); relative error below 1e-13.
  static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x) || a >= 6) {
      return Double.isNaN(x) ? x : Math.copySign(1, x);
    }
    if (a < 2.5) {
      double term = x;
      double sum = x;
      for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
      }
      return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
    double fraction = 0;
    for (int n = 60; n >= 1; n--) {
      fraction = n / 2.0 / (a + fraction);
    }
    double complement = Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
    return Math.copySign(1 - complement, x);
  }

  /// Rounds to nearest, ties to even.
  static short toBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  static float roundHalf(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  static float roundBfloat(float value) {
    return Float.intBitsToFloat(toBfloat(value) << 16);
  }
}
