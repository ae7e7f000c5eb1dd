package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;

final class NormReference {
  private NormReference() {}

  static Value evaluate(Norm op, List<Array> inputs) {
    return switch (op) {
      case Norm.RmsNorm(double epsilon) -> rmsNorm(inputs.get(0), inputs.get(1), epsilon);
      case Norm.RmsNormGrad(double epsilon) ->
          rmsNormGrad(inputs.get(0), inputs.get(1), inputs.get(2), epsilon);
    };
  }

  private static Array rmsNorm(Array x, Array weight, double epsilon) {
    int n = weight.size();
    double[] out = new double[x.size()];
    for (int start = 0; start < out.length; start += n) {
      double scale = reciprocalRootMeanSquare(x, start, n, epsilon);
      for (int i = 0; i < n; i++) {
        out[start + i] = x.get(start + i) * scale * weight.get(i);
      }
    }
    return Array.of(x.type(), out);
  }

  /// With r = rsqrt(mean(x²) + ε) and h = dy·w: dx = r·(h − x·r²·mean(h·x)), dw = Σ dy·x·r.
  private static Value.Tuple rmsNormGrad(Array x, Array weight, Array dy, double epsilon) {
    int n = weight.size();
    double[] dx = new double[x.size()];
    double[] dw = new double[n];
    for (int start = 0; start < dx.length; start += n) {
      double scale = reciprocalRootMeanSquare(x, start, n, epsilon);
      double dot = 0;
      for (int i = 0; i < n; i++) {
        dot += dy.get(start + i) * weight.get(i) * x.get(start + i);
      }
      for (int i = 0; i < n; i++) {
        double h = dy.get(start + i) * weight.get(i);
        dx[start + i] = scale * (h - x.get(start + i) * scale * scale * dot / n);
        dw[i] += dy.get(start + i) * x.get(start + i) * scale;
      }
    }
    return new Value.Tuple(List.of(Array.of(x.type(), dx), Array.of(weight.type(), dw)));
  }

  private static double reciprocalRootMeanSquare(Array x, int start, int n, double epsilon) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += x.get(start + i) * x.get(start + i);
    }
    return 1 / Math.sqrt(sum / n + epsilon);
  }
}
