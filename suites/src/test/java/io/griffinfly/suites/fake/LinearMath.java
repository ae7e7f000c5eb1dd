package io.griffinfly.suites.fake;

/// The model of the test case: out = x w', with w [OUT, IN], in double precision.
final class LinearMath {
  /// Width of the input.
  static final int IN = 50;

  /// Width of the output.
  static final int OUT = 40;

  private LinearMath() {}

  static double[] forward(double[] x, double[] w) {
    int rows = x.length / IN;
    double[] out = new double[rows * OUT];
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < OUT; o++) {
        double sum = 0;
        for (int i = 0; i < IN; i++) {
          sum += x[r * IN + i] * w[o * IN + i];
        }
        out[r * OUT + o] = sum;
      }
    }
    return out;
  }

  /// Gradient by w, given the gradient by the output.
  static double[] backward(double[] x, double[] upstream) {
    int rows = x.length / IN;
    double[] gradient = new double[OUT * IN];
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < OUT; o++) {
        for (int i = 0; i < IN; i++) {
          gradient[o * IN + i] += upstream[r * OUT + o] * x[r * IN + i];
        }
      }
    }
    return gradient;
  }

  /// Mean square error.
  static double nativeLoss(double[] out, double[] labels) {
    double sum = 0;
    for (int i = 0; i < out.length; i++) {
      sum += (out[i] - labels[i]) * (out[i] - labels[i]);
    }
    return sum / out.length;
  }

  static double[] nativeUpstream(double[] out, double[] labels) {
    double[] upstream = new double[out.length];
    for (int i = 0; i < out.length; i++) {
      upstream[i] = 2 * (out[i] - labels[i]) / out.length;
    }
    return upstream;
  }

  /// Projection on the probe.
  static double probeLoss(double[] out, double[] probe) {
    double sum = 0;
    for (int i = 0; i < out.length; i++) {
      sum += out[i] * probe[i];
    }
    return sum / Math.sqrt(out.length);
  }

  static double[] probeUpstream(double[] probe) {
    double[] upstream = probe.clone();
    for (int i = 0; i < upstream.length; i++) {
      upstream[i] /= Math.sqrt(upstream.length);
    }
    return upstream;
  }
}
