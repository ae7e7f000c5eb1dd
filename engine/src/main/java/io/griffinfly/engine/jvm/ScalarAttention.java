package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.Attention;
import java.util.List;

/// The scalar twin of attention.
final class ScalarAttention {
  private ScalarAttention() {}

  static Kernel of(Attention attention, List<View> operands, List<View> results) {
    return switch (attention) {
      case Attention.Rotary(boolean inverse) ->
          RotaryKernel.of(operands, results.getFirst(), inverse);
      case Attention.Attend(double scale, Attention.Mask mask) ->
          attend(new Heads(operands, scale, mask), results.get(0), results.get(1));
      case Attention.AttendGrad(double scale, Attention.Mask mask) ->
          attendGrad(new Heads(operands, scale, mask), operands, results);
    };
  }

  /// The operands of one attention: `h` query heads, `g` key heads, `s` queries, `t` keys, scores
  /// over `d` elements and values of `e`.
  private record Heads(
      View q,
      View k,
      View v,
      double scale,
      Attention.Mask mask,
      int h,
      int g,
      int s,
      int t,
      int d,
      int e) {
    Heads(List<View> operands, double scale, Attention.Mask mask) {
      View q = operands.get(0);
      View k = operands.get(1);
      View v = operands.get(2);
      this(q, k, v, scale, mask, q.dim(1), k.dim(1), q.dim(2), k.dim(2), q.dim(3), v.dim(3));
    }

    long queryHeads() {
      return (long) q.dim(0) * h;
    }

    /// Row-major position of the first key row that serves a query head.
    long firstKey(long queryHead) {
      return (queryHead / h * g + queryHead % h / (h / g)) * t;
    }

    int visible(int query) {
      return switch (mask) {
        case NONE -> t;
        case CAUSAL -> Math.clamp((long) query + t - s + 1, 0, t);
      };
    }

    double[] scores(long queryHead, int query) {
      double[] scores = new double[visible(query)];
      for (int j = 0; j < scores.length; j++) {
        scores[j] = scale * dot(q, queryHead * s + query, k, firstKey(queryHead) + j, d);
      }
      return scores;
    }
  }

  private static double dot(View a, long aRow, View b, long bRow, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += a.get(aRow * count + i) * b.get(bRow * count + i);
    }
    return sum;
  }

  private static Kernel attend(Heads heads, View y, View logDenominators) {
    return ScalarKernel.of(
        heads.queryHeads(),
        head -> {
          for (int query = 0; query < heads.s; query++) {
            double[] weights = heads.scores(head, query);
            double max = Double.NEGATIVE_INFINITY;
            for (double score : weights) {
              max = Math.max(max, score);
            }
            double sum = 0;
            for (int j = 0; j < weights.length; j++) {
              weights[j] = Math.exp(weights[j] - max);
              sum += weights[j];
            }
            long row = (long) head * heads.s + query;
            logDenominators.set(row, max + Math.log(sum));
            for (int i = 0; i < heads.e; i++) {
              double value = 0;
              for (int j = 0; j < weights.length; j++) {
                value += weights[j] * heads.v.get((heads.firstKey(head) + j) * heads.e + i);
              }
              y.set(row * heads.e + i, weights.length == 0 ? 0 : value / sum);
            }
          }
        });
  }

  /// One task for each key head of each batch; its query heads are summed in order.
  private static Kernel attendGrad(Heads heads, List<View> operands, List<View> results) {
    int group = heads.h / heads.g;
    return ScalarKernel.of(
        heads.queryHeads() / group,
        keyHead -> {
          double[] dk = new double[heads.t * heads.d];
          double[] dv = new double[heads.t * heads.e];
          for (int member = 0; member < group; member++) {
            long queryHead = (long) keyHead * group + member;
            for (int query = 0; query < heads.s; query++) {
              addRow(heads, operands, results.get(0), queryHead, query, dk, dv);
            }
          }
          for (int i = 0; i < dk.length; i++) {
            results.get(1).set((long) keyHead * dk.length + i, dk[i]);
          }
          for (int i = 0; i < dv.length; i++) {
            results.get(2).set((long) keyHead * dv.length + i, dv[i]);
          }
        });
  }

  private static void addRow(
      Heads heads, List<View> operands, View dq, long head, int query, double[] dk, double[] dv) {
    View dy = operands.get(5);
    long row = head * heads.s + query;
    double total = dot(dy, row, operands.get(3), row, heads.e);
    double logDenominator = operands.get(4).get(row);
    double[] scores = heads.scores(head, query);
    double[] dqRow = new double[heads.d];
    for (int j = 0; j < scores.length; j++) {
      long key = heads.firstKey(head) + j;
      double weight = Math.exp(scores[j] - logDenominator);
      double dScore = heads.scale * weight * (dot(dy, row, heads.v, key, heads.e) - total);
      for (int i = 0; i < heads.e; i++) {
        dv[j * heads.e + i] += weight * dy.get(row * heads.e + i);
      }
      for (int i = 0; i < heads.d; i++) {
        dqRow[i] += dScore * heads.k.get(key * heads.d + i);
        dk[j * heads.d + i] += dScore * heads.q.get(row * heads.d + i);
      }
    }
    for (int i = 0; i < heads.d; i++) {
      dq.set(row * heads.d + i, dqRow[i]);
    }
  }
}
