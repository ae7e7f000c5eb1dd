package io.griffinfly.engine.vulkan;

/// Sine and cosine for [GlslMath]: the nearest multiple of π/2 is taken away in four parts, of
/// which the first three have 8 bits each, so that their products with up to 65,536 are exact; then
/// the Taylor polynomials to x⁹ and x¹⁰, whose next term is below 2e-9. For |x| up to 100,000;
/// beyond, the error grows with |x|.
final class GlslTurns {
  private GlslTurns() {}

  /// π/2 in four parts.
  private static final float[] PARTS = parts();

  private static float[] parts() {
    float[] parts = new float[4];
    double rest = Math.PI / 2;
    for (int i = 0; i < 3; i++) {
      int bits = Float.floatToRawIntBits((float) rest) & 0xffff0000;
      parts[i] = Float.intBitsToFloat(bits);
      rest -= parts[i];
    }
    parts[3] = (float) rest;
    return parts;
  }

  static final String QUARTER_TURNS =
      """
      vec2 quarter_turns(float r) {
        float z = r * r;
        float s = fma(fma(fma(2.7557319e-6, z, -1.984127e-4), z, 8.333333e-3), z, -0.16666667);
        float c = fma(fma(fma(fma(-2.755732e-7, z, 2.4801587e-5), z, -1.3888889e-3), z, 4.1666668e-2), z, -0.5);
        return vec2(fma(r * z, s, r), fma(z, c, 1.0));
      }
      """;

  static final String SINE = turned("sine", 0);
  static final String COSINE = turned("cosine", 1);

  private static String turned(String name, int quarters) {
    StringBuilder text = new StringBuilder();
    text.append("float ").append(name).append("(float x) {\n");
    text.append("  float n = roundEven(x * 0.63661975);\n  float r = x;\n");
    for (float part : PARTS) {
      text.append("  r = r - n * ").append(Glsl.literal(part)).append(";\n");
    }
    text.append("  int q = (int(n) + ").append(quarters).append(") & 3;\n");
    text.append("  vec2 both = quarter_turns(r);\n");
    text.append("  float y = (q & 1) == 0 ? both.x : both.y;\n");
    text.append("  return (q & 2) == 0 ? y : -y;\n}\n");
    return text.toString();
  }
}
