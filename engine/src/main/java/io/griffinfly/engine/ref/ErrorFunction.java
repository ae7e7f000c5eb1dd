package io.griffinfly.engine.ref;

/// Gauss's error function in double precision, within a few units in the last place.
final class ErrorFunction {
  /// Where the series hands over to the continued fraction: beyond it 1 − erf is below 10⁻³, so its
  /// relative error counts for a thousandth; before it rounding x² costs the series at most four
  /// units in the last place.
  private static final double CROSSOVER = 2.5;

  /// Depth of the continued fraction; from 2.5 up, 60 terms leave a remainder below 10⁻¹⁷.
  private static final int DEPTH = 60;

  private ErrorFunction() {}

  static double erf(double x) {
    double magnitude = Math.abs(x);
    if (Double.isNaN(x) || magnitude == 0) {
      return x;
    }
    if (magnitude > 6) {
      return Math.signum(x); // 1 − erf(6) is 2·10⁻¹⁷
    }
    return Math.signum(x) * (magnitude < CROSSOVER ? series(magnitude) : 1 - tail(magnitude));
  }

  /// 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·5···(2n+1)): Abramowitz and Stegun, 7.1.6. All terms are
  /// positive, so nothing cancels.
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /// 1 − erf(x) as e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ···)))): Abramowitz and
  /// Stegun, 7.1.14.
  private static double tail(double x) {
    double fraction = x;
    for (int n = DEPTH; n > 0; n--) {
      fraction = x + n / 2.0 / fraction;
    }
    return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
  }
}
