package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;

final class AttentionReference {
  private AttentionReference() {}

  static Value evaluate(Attention op, List<Array> inputs) {
    return switch (op) {
      case Attention.Rotary(boolean inverse) -> rotary(inputs, inverse ? -1 : 1);
      case Attention.Attend(double scale, Attention.Mask mask) ->
          new Heads(inputs, scale, mask).attend();
      case Attention.AttendGrad(double scale, Attention.Mask mask) ->
          new Heads(inputs, scale, mask).gradients(inputs.get(3), inputs.get(4), inputs.get(5));
    };
  }

  private static Array rotary(List<Array> inputs, double sign) {
    Array x = inputs.get(0);
    int half = x.shape().dim(-1) / 2;
    Shape halved = x.shape().with(-1, half);
    var cos = ElementwiseReference.broadcast(inputs.get(1), halved);
    var sin = ElementwiseReference.broadcast(inputs.get(2), halved);
    double[] out = new double[x.size()];
    for (int i = 0; i < halved.size(); i++) {
      int first = i / half * 2 * half + i % half;
      double a = x.get(first);
      double b = x.get(first + half);
      double c = cos.applyAsDouble(i);
      double s = sign * sin.applyAsDouble(i);
      out[first] = a * c - b * s;
      out[first + half] = b * c + a * s;
    }
    return Array.of(x.type(), out);
  }

  /// One attention's operands and extents: b batches, h query heads, g key heads, s queries, t
  /// keys, d wide scores and e wide values.
  private record Heads(
      Array q,
      Array k,
      Array v,
      double scale,
      Attention.Mask mask,
      int h,
      int g,
      int s,
      int t,
      int d,
      int e) {
    Heads(List<Array> inputs, double scale, Attention.Mask mask) {
      Array q = inputs.get(0);
      Array k = inputs.get(1);
      Array v = inputs.get(2);
      this(
          q,
          k,
          v,
          scale,
          mask,
          q.shape().dim(1),
          k.shape().dim(1),
          q.shape().dim(2),
          k.shape().dim(2),
          q.shape().dim(3),
          v.shape().dim(3));
    }

    /// Number of query rows over all batches and heads.
    int rows() {
      return q.shape().dim(0) * h * s;
    }

    /// The first key row that serves a query row: batch and key head, times t.
    int firstKey(int row) {
      int batch = row / s / h;
      int head = row / s % h;
      return (batch * g + head / (h / g)) * t;
    }

    /// How many keys, from the first on, a query row sees.
    int visible(int row) {
      return switch (mask) {
        case NONE -> t;
        case CAUSAL -> Math.clamp(row % s + t - s + 1, 0, t);
      };
    }

    Array scores(int row) {
      double[] scores = new double[visible(row)];
      for (int j = 0; j < scores.length; j++) {
        scores[j] = scale * dot(q, row * d, k, (firstKey(row) + j) * d, d);
      }
      return Array.of(TensorType.of(DType.F64, scores.length), scores);
    }

    Value.Tuple attend() {
      double[] out = new double[rows() * e];
      double[] logDenominators = new double[rows()];
      for (int row = 0; row < rows(); row++) {
        Array scores = scores(row);
        logDenominators[row] = LossReference.logSumExp(scores, 0, scores.size());
        for (int j = 0; j < scores.size(); j++) {
          double weight = Math.exp(scores.get(j) - logDenominators[row]);
          addScaled(out, row * e, weight, v, (firstKey(row) + j) * e, e);
        }
      }
      Shape shape = q.shape();
      return new Value.Tuple(
          List.of(
              Array.of(q.type().withShape(shape.with(3, e)), out),
              Array.of(
                  TensorType.of(DType.F32, shape.dim(0), shape.dim(1), shape.dim(2)),
                  logDenominators)));
    }

    /// With weights p: dv = pᵀ·dy, dp = dy·vᵀ, and dscores = p·(dp − Σ dy·y) by the softmax.
    Value.Tuple gradients(Array y, Array logDenominators, Array dy) {
      double[] dq = new double[q.size()];
      double[] dk = new double[k.size()];
      double[] dv = new double[v.size()];
      for (int row = 0; row < rows(); row++) {
        Array scores = scores(row);
        double total = dot(dy, row * e, y, row * e, e);
        for (int j = 0; j < scores.size(); j++) {
          int key = firstKey(row) + j;
          double weight = Math.exp(scores.get(j) - logDenominators.get(row));
          double dScore = scale * weight * (dot(dy, row * e, v, key * e, e) - total);
          addScaled(dv, key * e, weight, dy, row * e, e);
          addScaled(dq, row * d, dScore, k, key * d, d);
          addScaled(dk, key * d, dScore, q, row * d, d);
        }
      }
      return new Value.Tuple(List.of(gradient(q, dq), gradient(k, dk), gradient(v, dv)));
    }

    /// Halves have gradients in single precision.
    private static Array gradient(Array operand, double... data) {
      TensorType type = operand.type();
      return Array.of(type.dtype().isHalf() ? new TensorType(DType.F32, type.shape()) : type, data);
    }

    private static double dot(Array a, int aStart, Array b, int bStart, int count) {
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += a.get(aStart + i) * b.get(bStart + i);
      }
      return sum;
    }

    private static void addScaled(
        double[] to, int start, double factor, Array from, int fromStart, int count) {
      for (int i = 0; i < count; i++) {
        to[start + i] += factor * from.get(fromStart + i);
      }
    }
  }
}
