package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;

final class LossReference {
  private LossReference() {}

  static Value evaluate(Loss op, List<Array> inputs) {
    Array logits = inputs.get(0);
    Array labels = inputs.get(1);
    return switch (op) {
      case Loss.CrossEntropy(long ignoreIndex) -> crossEntropy(logits, labels, ignoreIndex);
      case Loss.CrossEntropyGrad(long ignoreIndex) ->
          crossEntropyGrad(
              logits,
              labels,
              inputs.get(2),
              inputs.get(3).get(0) / counted(labels, ignoreIndex),
              ignoreIndex);
    };
  }

  private static Value.Tuple crossEntropy(Array logits, Array labels, long ignoreIndex) {
    int classes = logits.shape().dim(-1);
    double[] logDenominators = new double[labels.size()];
    double sum = 0;
    for (int row = 0; row < labels.size(); row++) {
      logDenominators[row] = logSumExp(logits, row * classes, classes);
      if (labels.get(row) != ignoreIndex) {
        int label = label(labels, row, classes);
        sum += logDenominators[row] - logits.get(row * classes + label);
      }
    }
    double mean = sum / counted(labels, ignoreIndex);
    TensorType perPosition = logits.type().withShape(labels.shape());
    return new Value.Tuple(
        List.of(
            Array.of(TensorType.of(logits.dtype()), mean), Array.of(perPosition, logDenominators)));
  }

  /// (softmax − one-hot)·factor at every position that counts, zero at the others.
  private static Array crossEntropyGrad(
      Array logits, Array labels, Array logDenominators, double factor, long ignoreIndex) {
    int classes = logits.shape().dim(-1);
    double[] out = new double[logits.size()];
    for (int row = 0; row < labels.size(); row++) {
      if (labels.get(row) == ignoreIndex) {
        continue;
      }
      for (int i = row * classes; i < (row + 1) * classes; i++) {
        out[i] = Math.exp(logits.get(i) - logDenominators.get(row)) * factor;
      }
      out[row * classes + label(labels, row, classes)] -= factor;
    }
    return Array.of(logits.type(), out);
  }

  private static long counted(Array labels, long ignoreIndex) {
    long counted = 0;
    for (int row = 0; row < labels.size(); row++) {
      counted += labels.get(row) == ignoreIndex ? 0 : 1;
    }
    return counted;
  }

  private static int label(Array labels, int row, int classes) {
    int label = (int) labels.get(row);
    if (label < 0 || label >= classes) {
      throw new GraphException("label " + label + " is none of " + classes + " classes");
    }
    return label;
  }

  /// log Σ e^x over a row, −∞ for an empty one.
  static double logSumExp(Array x, int start, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = start; i < start + count; i++) {
      max = Math.max(max, x.get(i));
    }
    if (Double.isInfinite(max)) {
      return max;
    }
    double sum = 0;
    for (int i = start; i < start + count; i++) {
      sum += Math.exp(x.get(i) - max);
    }
    return max + Math.log(sum);
  }
}
