package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.LanePanel.ROW;
import static io.griffinfly.engine.jvm.Memory.MASK;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Softmax down the lanes of panels of scores: no sum goes across a vector.
final class LaneSoftmax {
  private static final LaneLoop RAISE =
      OutOfLine.of((scores, maxima, factors, _, rows) -> raise(scores, rows, maxima, factors));
  private static final LaneLoop EXPONENTIATE = OutOfLine.of(LaneSoftmax::exponentiate);
  private static final LaneLoop WEIGHTS_BY_LANES =
      OutOfLine.of(
          (scores, denominators, _, _, rows) -> weightsByLanes(scores, rows, denominators));
  private static final LaneLoop WEIGHTS_BY_ROWS =
      OutOfLine.of((scores, denominators, _, _, rows) -> weightsByRows(scores, rows, denominators));
  private static final LaneLoop DIFFERENCES_BY_LANES =
      OutOfLine.of((weights, gradients, totals, _, rows) ->
          differencesByLanes(weights, gradients, rows, totals));
  private static final LaneLoop DIFFERENCES_BY_ROWS =
      OutOfLine.of((weights, gradients, totals, _, rows) ->
          differencesByRows(weights, gradients, rows, totals));
  private static final LaneLoop HIDE = OutOfLine.of(LaneSoftmax::hideHalf);

  private LaneSoftmax() {}

  /// Makes scores −∞ that are not visible: those of row r in lanes whose limit is below `first + r
  /// · step`.
  ///
  /// @param limits address of a row of limits
  /// @param step 1 or −1
  static void hide(long scores, int rows, long limits, int first, int step) {
    HIDE.run(scores, limits, first, step, rows);
    HIDE.run(scores + Lanes.BYTES, limits + Lanes.BYTES, first, step, rows);
  }

  private static void hideHalf(long scores, long limits, long first, long step, int rows) {
    FloatVector limit = Lanes.load(limits & MASK);
    float position = first;
    long at = scores & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      Lanes.store(
          at,
          Lanes.load(at)
              .blend(Float.NEGATIVE_INFINITY, limit.compare(VectorOperators.LT, position)));
      position += step;
      at = (at + ROW) & MASK;
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
      RAISE.run(scores + shift, maxima + shift, factors + shift, 0, rows);
      EXPONENTIATE.run(scores + shift, maxima + shift, factors + shift, sums + shift, rows);
    }
  }

  private static void raise(long scores, int rows, long maxima, long factors) {
    FloatVector old = Lanes.load(maxima & MASK);
    FloatVector max = old;
    long at = scores & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      FloatVector score = Lanes.load(at);
      max = max.blend(score, score.compare(VectorOperators.GT, max));
      at = (at + ROW) & MASK;
    }
    Lanes.store(maxima & MASK, max);
    Lanes.store(factors & MASK, LaneExp.weight(old.sub(max)));
  }

  private static void exponentiate(long scores, long maxima, long factors, long sums, int rows) {
    FloatVector max = Lanes.load(maxima & MASK);
    FloatVector sum = Lanes.load(sums & MASK).mul(Lanes.load(factors & MASK));
    long at = scores & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      FloatVector weight = LaneExp.weight(Lanes.load(at).sub(max));
      Lanes.store(at, weight);
      sum = sum.add(weight);
      at = (at + ROW) & MASK;
    }
    Lanes.store(sums & MASK, sum);
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
      WEIGHTS_BY_LANES.run(scores + shift, logDenominators + shift, 0, 0, rows);
      DIFFERENCES_BY_LANES.run(scores + shift, gradients + shift, totals + shift, 0, rows);
    }
  }

  private static void differencesByLanes(long weights, long gradients, int rows, long totals) {
    FloatVector total = Lanes.load(totals & MASK);
    long weight = weights & MASK;
    long gradient = gradients & MASK;
    long end = weight + rows * ROW;
    while (weight != end) {
      Lanes.store(gradient, Lanes.load(gradient).sub(total).mul(Lanes.load(weight)));
      weight = (weight + ROW) & MASK;
      gradient = (gradient + ROW) & MASK;
    }
  }

  private static void weightsByLanes(long scores, int rows, long logDenominators) {
    FloatVector logDenominator = Lanes.load(logDenominators & MASK);
    long at = scores & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      Lanes.store(at, LaneExp.weight(Lanes.load(at).sub(logDenominator)));
      at = (at + ROW) & MASK;
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
      WEIGHTS_BY_ROWS.run(scores + shift, logDenominators, 0, 0, rows);
      DIFFERENCES_BY_ROWS.run(scores + shift, gradients + shift, totals, 0, rows);
    }
  }

  private static void differencesByRows(long weights, long gradients, int rows, long totals) {
    long weight = weights & MASK;
    long gradient = gradients & MASK;
    long total = totals & MASK;
    long end = weight + rows * ROW;
    while (weight != end) {
      FloatVector difference = Lanes.load(gradient).sub(Lanes.broadcast(total));
      Lanes.store(gradient, difference.mul(Lanes.load(weight)));
      weight = (weight + ROW) & MASK;
      gradient = (gradient + ROW) & MASK;
      total = (total + Float.BYTES) & MASK;
    }
  }

  private static void weightsByRows(long scores, int rows, long logDenominators) {
    long at = scores & MASK;
    long logDenominator = logDenominators & MASK;
    long end = at + rows * ROW;
    while (at != end) {
      FloatVector score = Lanes.load(at).sub(Lanes.broadcast(logDenominator));
      Lanes.store(at, LaneExp.weight(score));
      at = (at + ROW) & MASK;
      logDenominator = (logDenominator + Float.BYTES) & MASK;
    }
  }
}
