package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.LanePanel.ROW;
import static io.griffinfly.engine.jvm.Memory.MASK;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Softmax down the lanes of panels of scores: no sum goes across a vector.
final class LaneSoftmax {
  private LaneSoftmax() {}

  /// Makes scores −∞ that are not visible: those of row r in lanes whose limit is below `first + r
  /// · step`.
  ///
  /// @param limits address of a row of limits
  /// @param step 1 or −1
  static void hide(long scores, int rows, long limits, float first, float step) {
    for (int half = 0; half < 2; half++) {
      long at = (scores + half * (long) Lanes.BYTES) & MASK;
      FloatVector limit = Lanes.load((limits + half * (long) Lanes.BYTES) & MASK);
      float position = first;
      for (int r = 0; r < rows; r++) {
        Lanes.store(
            at,
            Lanes.load(at)
                .blend(Float.NEGATIVE_INFINITY, limit.compare(VectorOperators.LT, position)));
        position += step;
        at = (at + ROW) & MASK;
      }
    }
  }

  /// Turns a block of scores into weights e^(score − maximum), for the maximum of all blocks so far
  /// (Milakov and Gimelshein 2018).
  ///
  /// @param maxima address of a row of running maxima
  /// @param sums address of a row of running sums of the weights
  /// @param factors where to write the row of factors by which the new maxima shrink earlier
  ///   weights
  static void weigh(long scores, int rows, long maxima, long sums, long factors) {
    for (int half = 0; half < 2; half++) {
      long shift = half * (long) Lanes.BYTES;
      long start = (scores + shift) & MASK;
      long end = start + rows * ROW;
      FloatVector old = Lanes.load((maxima + shift) & MASK);
      FloatVector max = old;
      for (long at = start; at != end; at = (at + ROW) & MASK) {
        FloatVector score = Lanes.load(at);
        max = max.blend(score, score.compare(VectorOperators.GT, max));
      }
      FloatVector factor = LaneExp.exp(old.sub(max));
      Lanes.store((maxima + shift) & MASK, max);
      Lanes.store((factors + shift) & MASK, factor);
      FloatVector sum = Lanes.load((sums + shift) & MASK).mul(factor);
      for (long at = start; at != end; at = (at + ROW) & MASK) {
        FloatVector weight = LaneExp.exp(Lanes.load(at).sub(max));
        Lanes.store(at, weight);
        sum = sum.add(weight);
      }
      Lanes.store((sums + shift) & MASK, sum);
    }
  }

  /// Turns scores into weights p = e^(score − log-denominator) and gradients of the weights into
  /// gradients of the scores, p · (gradient − total), where each lane is a query.
  ///
  /// @param logDenominators address of one a lane
  /// @param totals address of one a lane: Σ result · its gradient
  static void gradientByLanes(
      long scores, long gradients, int rows, long logDenominators, long totals) {
    for (int half = 0; half < 2; half++) {
      long shift = half * (long) Lanes.BYTES;
      FloatVector logDenominator = Lanes.load((logDenominators + shift) & MASK);
      FloatVector total = Lanes.load((totals + shift) & MASK);
      long at = (scores + shift) & MASK;
      long gradient = (gradients + shift) & MASK;
      for (int r = 0; r < rows; r++) {
        FloatVector weight = LaneExp.exp(Lanes.load(at).sub(logDenominator));
        Lanes.store(at, weight);
        Lanes.store(gradient, Lanes.load(gradient).sub(total).mul(weight));
        at = (at + ROW) & MASK;
        gradient = (gradient + ROW) & MASK;
      }
    }
  }

  /// As [#gradientByLanes], where each row is a query and each lane a key.
  ///
  /// @param logDenominators address of one a row, contiguous
  /// @param totals address of one a row, contiguous
  static void gradientByRows(
      long scores, long gradients, int rows, long logDenominators, long totals) {
    for (int half = 0; half < 2; half++) {
      long shift = half * (long) Lanes.BYTES;
      long at = (scores + shift) & MASK;
      long gradient = (gradients + shift) & MASK;
      long logDenominator = logDenominators & MASK;
      long total = totals & MASK;
      for (int r = 0; r < rows; r++) {
        FloatVector weight = LaneExp.exp(Lanes.load(at).sub(Lanes.broadcast(logDenominator)));
        Lanes.store(at, weight);
        Lanes.store(gradient, Lanes.load(gradient).sub(Lanes.broadcast(total)).mul(weight));
        at = (at + ROW) & MASK;
        gradient = (gradient + ROW) & MASK;
        logDenominator = (logDenominator + Float.BYTES) & MASK;
        total = (total + Float.BYTES) & MASK;
      }
    }
  }
}
