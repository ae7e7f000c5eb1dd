package io.griffinfly.engine.vulkan;

/// The text of [GlslMath], but for sines. The polynomials are those of the jvm device's `LaneMath`,
/// which tells how they were fitted.
final class GlslFunctions {
  private GlslFunctions() {}

  static final String POWER_OF_TWO =
      """
      float power_of_two(int n) { return intBitsToFloat((n + 127) << 23); }
      """;

  /// e^x = 2^n e^r with n the integer nearest to x / log 2; the power in two halves, so that
  /// results may be subnormal. Adding 1.5 · 2^23 rounds to an integer and leaves it in the lowest
  /// bits: GPUs have a quarter as many units, or fewer, for the conversions that say the same. NaN
  /// stays NaN by the polynomial.
  static final String EXPONENTIAL =
      """
      float exponential(float x) {
        float y = x < -104.0 ? -104.0 : (x > 89.0 ? 89.0 : x);
        precise float s = fma(y, 1.442695, 12582912.0);
        precise float n = s - 12582912.0;
        float r = (y - n * 0.69314575) - n * 1.4286068e-6;
        float t = fma(fma(fma(fma(0.0013814564, r, 0.00836877), r, 0.041668393), r, 0.1666652), r, 0.49999994);
        float p = fma(fma(t, r, 1.0), r, 1.0);
        int e = floatBitsToInt(s) - 0x4b400000;
        int half_e = e >> 1;
        return p * power_of_two(half_e) * power_of_two(e - half_e);
      }
      """;

  /// e^x for x up to 0 or a little more, where nothing below 1e-38 matters and is 0: two thirds of
  /// the operations.
  static final String DECAY =
      """
      float decay(float x) {
        precise float s = fma(x, 1.442695, 12582912.0);
        precise float n = s - 12582912.0;
        float r = (x - n * 0.69314575) - n * 1.4286068e-6;
        float t = fma(fma(fma(fma(0.0013814564, r, 0.00836877), r, 0.041668393), r, 0.1666652), r, 0.49999994);
        float p = fma(fma(t, r, 1.0), r, 1.0) * intBitsToFloat((floatBitsToInt(s) << 23) + 0x3f800000);
        return x < -87.0 ? 0.0 : p;
      }
      """;

  static final String DECAYS =
      """
      vec4 decays(vec4 x) { return vec4(decay(x.x), decay(x.y), decay(x.z), decay(x.w)); }
      """;

  /// A sum and the products of four elements each, one after the other.
  static final String ALONG =
      """
      float along(vec4 a, vec4 b, float sum) {
        return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
      }
      """;

  /// log x = e log 2 + log(1 + f) with 1 + f between √½ and √2.
  static final String LOGARITHM =
      """
      float logarithm(float x) {
        bool tiny = x < 1.17549435e-38;
        int bits = floatBitsToInt(tiny ? x * 33554432.0 : x);
        int exponent = (bits - 0x3f3504f3) >> 23;
        float f = intBitsToFloat(bits - (exponent << 23)) - 1.0;
        float e = float(exponent) - (tiny ? 25.0 : 0.0);
        float z = f * f;
        float c = fma(fma(fma(fma(fma(fma(fma(-0.07635309, f, 0.12761928), f, -0.13159876), f, 0.14201599),
            f, -0.16623376), f, 0.2000124), f, -0.2500082), f, 0.3333333);
        float t = fma(z, -0.5, fma(e, 1.4286068e-6, z * f * c));
        float y = fma(e, 0.69314575, f + t);
        y = x == 0.0 ? uintBitsToFloat(0xff800000u) : y;
        y = x == uintBitsToFloat(0x7f800000u) ? x : y;
        return x >= 0.0 ? y : uintBitsToFloat(0x7fc00000u);
      }
      """;

  static final String SIGMOID =
      """
      float sigmoid(float x) {
        float e = exponential(-abs(x));
        return (x >= 0.0 ? 1.0 : e) / (1.0 + e);
      }
      """;

  static final String TANH =
      """
      float hyperbolic_tangent(float x) {
        float a = abs(x);
        float z = x * x;
        float c = fma(fma(fma(fma(-0.0057050991, z, 0.020639174), z, -0.05373974), z, 0.13331443), z, -0.3333328);
        float near = fma(z * c, a, a);
        float far = 1.0 - 2.0 / (exponential(a + a) + 1.0);
        float y = a < 0.625 ? near : far;
        return uintBitsToFloat(floatBitsToUint(y) | (floatBitsToUint(x) & 0x80000000u));
      }
      """;

  static final String ERF =
      """
      float error_function(float x) {
        float a = abs(x);
        float z = x * x;
        float even = fma(fma(fma(fma(fma(fma(7.8556075e-5, z, -0.0008010707), z, 0.005188385), z, -0.026853843),
            z, 0.11283586), z, -0.37612626), z, 0.12837917);
        float c = a > 4.0 ? 4.0 : a;
        float l = fma(fma(fma(fma(fma(fma(0.00018628399, c, -0.002946778), c, 0.021834766), c, -0.10310031),
            c, -0.63815177), c, -1.1270853), c, -0.00034241108);
        float far = 1.0 - exponential(l);
        far = uintBitsToFloat(floatBitsToUint(far) | (floatBitsToUint(x) & 0x80000000u));
        return a < 1.0 ? fma(even, x, x) : far;
      }
      """;

  /// e^(b log a) with the logarithm, and its product with b, as sums of two numbers: else an error
  /// in the exponent would become one of the result that is |b log a| times as large.
  static final String POWER =
      """
      float power(float a, float b) {
        float x = abs(a);
        bool tiny = x < 1.17549435e-38;
        int bits = floatBitsToInt(tiny ? x * 33554432.0 : x);
        int exponent = (bits - 0x3f3504f3) >> 23;
        precise float f = intBitsToFloat(bits - (exponent << 23)) - 1.0;
        precise float e = float(exponent) - (tiny ? 25.0 : 0.0);
        precise float d = 2.0 + f;
        precise float d_low = f - (d - 2.0);
        precise float s = f / d;
        float s_head = uintBitsToFloat(floatBitsToUint(s) & 0xfffff000u);
        float d_head = uintBitsToFloat(floatBitsToUint(d) & 0xfffff000u);
        precise float s_tail = s - s_head;
        precise float d_tail = d - d_head;
        precise float rest = f - s_head * d_head;
        rest = rest - s_head * d_tail;
        rest = rest - s_tail * d_head;
        rest = rest - s_tail * d_tail;
        rest = (rest - s * d_low) / d;
        float z = s * s;
        float series = s * z * (0.6666667 + z * (0.4 + z * (0.2857143 + z * (0.22222222 + z * 0.18181819))));
        precise float big = e * 0.69314575;
        precise float small = 2.0 * s;
        precise float whole = big + small;
        precise float below = abs(big) < abs(small) ? big - (whole - small) : small - (whole - big);
        below = below + (e * 1.4286068e-6 + 2.0 * rest + series);
        precise float high = whole + below;
        precise float low = below - (high - whole);
        float b_head = uintBitsToFloat(floatBitsToUint(b) & 0xfffff000u);
        float h_head = uintBitsToFloat(floatBitsToUint(high) & 0xfffff000u);
        precise float b_tail = b - b_head;
        precise float h_tail = high - h_head;
        precise float product = b * high;
        precise float error = b_head * h_head - product;
        error = error + b_head * h_tail;
        error = error + b_tail * h_head;
        error = error + b_tail * h_tail;
        error = error + b * low;
        float y = exponential(product);
        y = abs(product) < 100.0 ? fma(y, error, y) : y;
        float infinity = uintBitsToFloat(0x7f800000u);
        y = x == 0.0 ? (b > 0.0 ? 0.0 : infinity) : y;
        y = x == infinity ? (b > 0.0 ? infinity : 0.0) : y;
        float t = trunc(b);
        bool odd = t == b && abs(b) < 16777216.0 && 2.0 * trunc(b * 0.5) != b;
        bool negative = (floatBitsToUint(a) & 0x80000000u) != 0u;
        y = negative && odd ? -y : y;
        y = a < 0.0 && t != b && x != infinity ? uintBitsToFloat(0x7fc00000u) : y;
        y = isnan(a) || isnan(b) ? uintBitsToFloat(0x7fc00000u) : y;
        return b == 0.0 ? 1.0 : y;
      }
      """;

  /// The exponent of x with nothing behind it.
  static final String POWER_WITHIN =
      """
      float power_within(float x) {
        return isnan(x) ? x : uintBitsToFloat(floatBitsToUint(x) & 0x7f800000u);
      }
      """;

  static final String SIGNUM =
      """
      float signum(float x) { return x > 0.0 ? 1.0 : (x < 0.0 ? -1.0 : x); }
      """;

  static final String RECTIFIED =
      """
      float rectified(float x) { return x <= 0.0 ? 0.0 : x; }
      """;

  static final String LARGER =
      """
      float larger(float a, float b) { return isnan(a) ? a : (isnan(b) ? b : max(a, b)); }
      """;

  static final String SMALLER =
      """
      float smaller(float a, float b) { return isnan(a) ? a : (isnan(b) ? b : min(a, b)); }
      """;

  /// To nearest, ties to even, on integers: what a device's own conversion does is up to it.
  static final String HALF_BITS =
      """
      uint half_bits(float x) {
        uint bits = floatBitsToUint(x);
        uint sign = (bits >> 16) & 0x8000u;
        uint size = bits & 0x7fffffffu;
        uint normal = (size + 0xfffu + ((size >> 13) & 1u) - 0x38000000u) >> 13;
        uint subnormal = uint(roundEven(min(abs(x), 1.0) * 16777216.0));
        uint result = size < 0x38800000u ? subnormal : (size >= 0x477ff000u ? 0x7c00u : normal);
        return sign | (size > 0x7f800000u ? 0x7e00u : result);
      }
      """;

  static final String FROM_HALVES =
      """
      vec4 from_halves(uvec2 halves) {
        return vec4(unpackHalf2x16(halves.x), unpackHalf2x16(halves.y));
      }
      """;

  static final String TO_HALVES =
      """
      uvec2 to_halves(vec4 x) {
        return uvec2(half_bits(x.x) | half_bits(x.y) << 16, half_bits(x.z) | half_bits(x.w) << 16);
      }
      """;

  static final String BFLOAT_BITS =
      """
      uint bfloat_bits(float x) {
        uint bits = floatBitsToUint(x);
        return (isnan(x) ? bits | 0x400000u : bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
      }
      """;

  /// Toward zero; what does not fit becomes the nearest that does, and NaN becomes 0, as in Java.
  static final String TO_INT =
      """
      int to_int(float x) {
        int inside = int(clamp(x, -2147483648.0, 2147483520.0));
        return isnan(x) ? 0 : (x >= 2147483648.0 ? 2147483647 : inside);
      }
      """;

  static final String TO_LONG =
      """
      int64_t to_long(float x) {
        int64_t inside = int64_t(clamp(x, -9223372036854775808.0, 9223371487098961920.0));
        return isnan(x) ? 0L : (x >= 9223372036854775808.0 ? 9223372036854775807L : inside);
      }
      """;

  static final String LONG_TO_INT =
      """
      int long_to_int(int64_t x) { return int(clamp(x, -2147483648L, 2147483647L)); }
      """;
}
