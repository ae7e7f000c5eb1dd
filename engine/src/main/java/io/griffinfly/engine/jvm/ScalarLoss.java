package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Loss;
import java.util.List;

/// The scalar twin of losses, and what their kernels share.
final class ScalarLoss {
  private ScalarLoss() {}

  static Kernel of(Loss loss, List<View> operands, List<View> results) {
    View logits = operands.get(0);
    View labels = operands.get(1);
    return switch (loss) {
      case Loss.CrossEntropy(long ignoreIndex) ->
          ScalarKernel.of(
              1, _ -> crossEntropy(logits, labels, results.get(0), results.get(1), ignoreIndex));
      case Loss.CrossEntropyGrad(long ignoreIndex) ->
          ScalarKernel.of(
              labels.shape().size(),
              row ->
                  crossEntropyGrad(
                      operands,
                      results.getFirst(),
                      row,
                      operands.get(3).get(0) / counted(labels, ignoreIndex),
                      ignoreIndex));
    };
  }

  private static void crossEntropy(
      View logits, View labels, View mean, View logDenominators, long ignoreIndex) {
    int classes = logits.dim(-1);
    double sum = 0;
    for (long row = 0; row < labels.shape().size(); row++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < classes; i++) {
        max = Math.max(max, logits.get(row * classes + i));
      }
      double denominator = 0;
      for (int i = 0; i < classes; i++) {
        denominator += Math.exp(logits.get(row * classes + i) - max);
      }
      double logDenominator = max + Math.log(denominator);
      logDenominators.set(row, logDenominator);
      long label = label(labels, row, classes, ignoreIndex);
      if (label != ignoreIndex) {
        sum += logDenominator - logits.get(row * classes + label);
      }
    }
    mean.set(0, sum / counted(labels, ignoreIndex));
  }

  private static void crossEntropyGrad(
      List<View> operands, View gradient, long row, double factor, long ignoreIndex) {
    View logits = operands.get(0);
    int classes = logits.dim(-1);
    long label = label(operands.get(1), row, classes, ignoreIndex);
    double logDenominator = operands.get(2).get(row);
    for (int i = 0; i < classes; i++) {
      double weight = Math.exp(logits.get(row * classes + i) - logDenominator);
      double value = label == ignoreIndex ? 0 : (weight - (i == label ? 1 : 0)) * factor;
      gradient.set(row * classes + i, value);
    }
  }

  /// Number of positions whose label is not the ignored one.
  static long counted(View labels, long ignoreIndex) {
    long counted = 0;
    for (long row = 0; row < labels.shape().size(); row++) {
      counted += Elements.getInteger(labels.type(), labels.at(row)) == ignoreIndex ? 0 : 1;
    }
    return counted;
  }

  /// The label of a position.
  ///
  /// @throws GraphException if it is neither the ignored one nor a class
  static long label(View labels, long row, int classes, long ignoreIndex) {
    long label = Elements.getInteger(labels.type(), labels.at(row));
    if (label != ignoreIndex && (label < 0 || label >= classes)) {
      throw new GraphException(
          "label " + label + " at position " + row + " is none of " + classes + " classes");
    }
    return label;
  }
}
