package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.AttentionHeads.row;
import static io.griffinfly.engine.jvm.Memory.ALL;
import static io.griffinfly.engine.jvm.Memory.FLOAT;
import static io.griffinfly.engine.jvm.Memory.MASK;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Attention of few queries, as in decoding: a task is one query of one head, and vectors go along
/// the rows of keys and values.
final class AttendRows implements Kernel {
  private static final int UNROLL = 4;

  private final AttentionHeads heads;
  private final View y;
  private final View logDenominators;

  AttendRows(AttentionHeads heads, View y, View logDenominators) {
    this.heads = heads;
    this.y = y;
    this.logDenominators = logDenominators;
  }

  @Override
  public int tasks() {
    return Math.multiplyExact(heads.queryHeads(), heads.queries());
  }

  /// A few vectors, and a score a key.
  @Override
  public long scratchBytes() {
    return UNROLL * (long) Lanes.BYTES
        + Math.ceilDiv(heads.keys(), Lanes.COUNT) * (long) Lanes.BYTES;
  }

  @Override
  public void run(int task, long scratch) {
    int head = task / heads.queries();
    int query = task % heads.queries();
    int keyHead = heads.keyHead(head);
    int keys = heads.visible(query);
    long scores = scratch + UNROLL * (long) Lanes.BYTES;
    score(row(heads.q(), head, query), row(heads.k(), keyHead, 0), keys, scratch, scores);
    int padded = Math.ceilDiv(keys, Lanes.COUNT) * Lanes.COUNT;
    for (int i = keys; i < padded; i++) {
      Memory.store(scores + i * (long) Float.BYTES, Float.NEGATIVE_INFINITY);
    }
    float max = maximum(scores, padded, scratch);
    float sum = weigh(scores, padded, max, scratch);
    Memory.store(row(logDenominators, head, query), (float) (max + Math.log(sum)));
    float factor = sum == 0 ? 0 : 1 / sum;
    long from = row(heads.v(), keyHead, 0);
    long to = row(y, head, query);
    long stride = heads.v().stride(2);
    int width = heads.valueWidth();
    int i = 0;
    for (; i + UNROLL * Lanes.COUNT <= width; i += UNROLL * Lanes.COUNT) {
      long shift = i * (long) Float.BYTES;
      combine4(scores, keys, from + shift, stride, factor, to + shift);
    }
    for (; i + Lanes.COUNT <= width; i += Lanes.COUNT) {
      long shift = i * (long) Float.BYTES;
      combine1(scores, keys, from + shift, stride, factor, to + shift);
    }
    for (; i < width; i++) {
      long shift = i * (long) Float.BYTES;
      combineElement(scores, keys, from + shift, stride, factor, to + shift);
    }
  }

  private void score(long query, long firstKey, int keys, long scratch, long scores) {
    long stride = heads.k().stride(2);
    int j = 0;
    for (; j + UNROLL <= keys; j += UNROLL) {
      long key = firstKey + j * stride;
      long to = scores + j * (long) Float.BYTES;
      dot4(query, key, stride, heads.scoreWidth(), scratch);
      for (int i = 0; i < UNROLL; i++) {
        float sum = across(scratch + i * (long) Lanes.BYTES);
        sum += tail(query, key + i * stride, heads.scoreWidth());
        Memory.store(to + i * (long) Float.BYTES, sum * heads.scale());
      }
    }
    for (; j < keys; j++) {
      long key = firstKey + j * stride;
      float sum = dot(query, key, heads.scoreWidth(), scratch);
      Memory.store(scores + j * (long) Float.BYTES, sum * heads.scale());
    }
  }

  /// The sum of the products of two rows.
  static float dot(long a, long b, int width, long scratch) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    long x = a & MASK;
    long y = b & MASK;
    for (int left = width; left >= Lanes.COUNT; left -= Lanes.COUNT) {
      sum = Lanes.load(x).fma(Lanes.load(y), sum);
      x = (x + Lanes.BYTES) & MASK;
      y = (y + Lanes.BYTES) & MASK;
    }
    Lanes.store(scratch & MASK, sum);
    return across(scratch) + tail(a, b, width);
  }

  /// Sums of the products of a row by 4 others, without their tails and not yet summed across.
  private static void dot4(long a, long b, long stride, int width, long sums) {
    FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    long x = a & MASK;
    long b0 = b & MASK;
    long b1 = (b + stride) & MASK;
    long b2 = (b + 2 * stride) & MASK;
    long b3 = (b + 3 * stride) & MASK;
    for (int left = width; left >= Lanes.COUNT; left -= Lanes.COUNT) {
      FloatVector factor = Lanes.load(x);
      sum0 = factor.fma(Lanes.load(b0), sum0);
      sum1 = factor.fma(Lanes.load(b1), sum1);
      sum2 = factor.fma(Lanes.load(b2), sum2);
      sum3 = factor.fma(Lanes.load(b3), sum3);
      x = (x + Lanes.BYTES) & MASK;
      b0 = (b0 + Lanes.BYTES) & MASK;
      b1 = (b1 + Lanes.BYTES) & MASK;
      b2 = (b2 + Lanes.BYTES) & MASK;
      b3 = (b3 + Lanes.BYTES) & MASK;
    }
    long to = sums & MASK;
    Lanes.store(to, sum0);
    Lanes.store(to + Lanes.BYTES, sum1);
    Lanes.store(to + 2L * Lanes.BYTES, sum2);
    Lanes.store(to + 3L * Lanes.BYTES, sum3);
  }

  /// The sum of a vector in memory, in an order of our own: that of reduceLanes is unspecified.
  private static float across(long vector) {
    long at = vector & MASK;
    float even = 0;
    float odd = 0;
    for (int i = 0; i < Lanes.COUNT; i += 2) {
      even += ALL.get(FLOAT, at);
      odd += ALL.get(FLOAT, at + Float.BYTES);
      at = (at + 2 * Float.BYTES) & MASK;
    }
    return even + odd;
  }

  /// What the last elements of two rows, less than a vector, add to their product.
  private static float tail(long a, long b, int width) {
    float sum = 0;
    for (int i = width - width % Lanes.COUNT; i < width; i++) {
      long shift = i * (long) Float.BYTES;
      sum = Math.fma(Memory.load(a + shift), Memory.load(b + shift), sum);
    }
    return sum;
  }

  private static float maximum(long scores, int count, long scratch) {
    FloatVector max = FloatVector.broadcast(Lanes.FLOATS, -Float.MAX_VALUE);
    long at = scores & MASK;
    for (int left = count; left > 0; left -= Lanes.COUNT) {
      FloatVector score = Lanes.load(at);
      max = max.blend(score, score.compare(VectorOperators.GT, max));
      at = (at + Lanes.BYTES) & MASK;
    }
    Lanes.store(scratch & MASK, max);
    float greatest = Memory.load(scratch);
    for (int i = 1; i < Lanes.COUNT; i++) {
      greatest = Math.max(greatest, Memory.load(scratch + i * (long) Float.BYTES));
    }
    return greatest;
  }

  private static float weigh(long scores, int count, float max, long scratch) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    long at = scores & MASK;
    for (int left = count; left > 0; left -= Lanes.COUNT) {
      FloatVector weight = LaneExp.weight(Lanes.load(at).sub(max));
      Lanes.store(at, weight);
      sum = sum.add(weight);
      at = (at + Lanes.BYTES) & MASK;
    }
    Lanes.store(scratch & MASK, sum);
    return across(scratch);
  }

  private static void combine4(
      long weights, int keys, long values, long stride, float factor, long to) {
    FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    long at = weights & MASK;
    long value = values & MASK;
    for (int j = 0; j < keys; j++) {
      FloatVector weight = Lanes.broadcast(at);
      sum0 = weight.fma(Lanes.load(value), sum0);
      sum1 = weight.fma(Lanes.load(value + Lanes.BYTES), sum1);
      sum2 = weight.fma(Lanes.load(value + 2L * Lanes.BYTES), sum2);
      sum3 = weight.fma(Lanes.load(value + 3L * Lanes.BYTES), sum3);
      at = (at + Float.BYTES) & MASK;
      value = (value + stride) & MASK;
    }
    long result = to & MASK;
    Lanes.store(result, sum0.mul(factor));
    Lanes.store(result + Lanes.BYTES, sum1.mul(factor));
    Lanes.store(result + 2L * Lanes.BYTES, sum2.mul(factor));
    Lanes.store(result + 3L * Lanes.BYTES, sum3.mul(factor));
  }

  private static void combine1(
      long weights, int keys, long values, long stride, float factor, long to) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    long at = weights & MASK;
    long value = values & MASK;
    for (int j = 0; j < keys; j++) {
      sum = Lanes.broadcast(at).fma(Lanes.load(value), sum);
      at = (at + Float.BYTES) & MASK;
      value = (value + stride) & MASK;
    }
    Lanes.store(to & MASK, sum.mul(factor));
  }

  private static void combineElement(
      long weights, int keys, long values, long stride, float factor, long to) {
    float sum = 0;
    for (int j = 0; j < keys; j++) {
      float weight = Memory.load(weights + j * (long) Float.BYTES);
      sum = Math.fma(weight, Memory.load(values + j * stride), sum);
    }
    Memory.store(to, sum * factor);
  }
}
