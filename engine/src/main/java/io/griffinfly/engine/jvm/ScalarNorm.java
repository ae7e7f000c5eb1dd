package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.Norm;
import java.util.List;

/// The scalar twin of norms.
final class ScalarNorm {
  private ScalarNorm() {}

  static Kernel of(Norm norm, List<View> operands, List<View> results) {
    return switch (norm) {
      case Norm.RmsNorm(double epsilon) ->
          rmsNorm(operands.get(0), operands.get(1), results.get(0), epsilon);
      case Norm.RmsNormGrad(double epsilon) ->
          rmsNormGrad(operands, results.get(0), results.get(1), epsilon);
    };
  }

  private static Kernel rmsNorm(View x, View weight, View y, double epsilon) {
    int n = x.dim(-1);
    return ScalarKernel.of(
        n == 0 ? 0 : x.shape().size() / n,
        row -> {
          long start = (long) row * n;
          double scale = scale(x, start, n, epsilon);
          for (int i = 0; i < n; i++) {
            y.set(start + i, x.get(start + i) * scale * weight.get(i));
          }
        });
  }

  /// One task: the gradient of the weight sums over all rows.
  private static Kernel rmsNormGrad(List<View> operands, View dx, View dw, double epsilon) {
    View x = operands.get(0);
    View weight = operands.get(1);
    View dy = operands.get(2);
    int n = x.dim(-1);
    return ScalarKernel.of(
        1,
        _ -> {
          double[] sums = new double[n];
          for (long start = 0; start < x.shape().size(); start += n) {
            double scale = scale(x, start, n, epsilon);
            double dot = 0;
            for (int i = 0; i < n; i++) {
              double gradient = dy.get(start + i);
              dot += gradient * weight.get(i) * x.get(start + i);
              sums[i] += gradient * x.get(start + i) * scale;
            }
            double factor = scale * scale * dot / n;
            for (int i = 0; i < n; i++) {
              double direct = dy.get(start + i) * weight.get(i);
              dx.set(start + i, scale * (direct - x.get(start + i) * factor));
            }
          }
          for (int i = 0; i < n; i++) {
            dw.set(i, sums[i]);
          }
        });
  }

  private static double scale(View x, long start, int n, double epsilon) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double value = x.get(start + i);
      sum += value * value;
    }
    return 1 / Math.sqrt(sum / n + epsilon);
  }
}
