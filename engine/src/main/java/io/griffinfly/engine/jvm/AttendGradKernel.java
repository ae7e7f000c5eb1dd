package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.AttentionHeads.row;

import java.util.List;

/// The gradient of attention in vectors. Some tasks own a block of keys and sum over the queries
/// that see it, others own a block of queries and sum over keys; both compute the weights anew from
/// the log-denominators (Dao 2023, FlashAttention-2). That is 7 products where 5 would do, but no
/// task waits for another, and nothing is shared.
final class AttendGradKernel {
  private AttendGradKernel() {}

  /// Binds the gradient.
  ///
  /// @param operands q, k, v, the result, the log-denominators, the gradient of the result
  /// @param results gradients of q, k and v
  static Kernel of(AttentionHeads heads, List<View> operands, List<View> results) {
    Upstream upstream = new Upstream(operands.get(3), operands.get(4), operands.get(5));
    return new KernelGroup(
        List.of(
            new KeyGradKernel(heads, upstream, results.get(1), results.get(2)),
            new QueryGradKernel(heads, upstream, results.get(0))));
  }

  /// What the gradient knows of the forward pass.
  ///
  /// @param y the result `[b, h, s, e]`
  /// @param logDenominators `[b, h, s]`
  /// @param dy gradient of the result
  record Upstream(View y, View logDenominators, View dy) {
    /// Gathers numbers of a few queries: their log-denominators, 0 for one that sees no key, and
    /// the totals Σ y·dy.
    ///
    /// @param scratch address of a vector
    void gather(int head, int first, int count, long denominators, long totals, long scratch) {
      int width = y.dim(3);
      for (int i = 0; i < count; i++) {
        long shift = i * (long) Float.BYTES;
        float denominator = Memory.load(row(logDenominators, head, first + i));
        boolean sees = denominator != Float.NEGATIVE_INFINITY;
        Memory.store(denominators + shift, sees ? denominator : 0);
        float total =
            AttendRows.dot(row(y, head, first + i), row(dy, head, first + i), width, scratch);
        Memory.store(totals + shift, total);
      }
    }
  }
}
