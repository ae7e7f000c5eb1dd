package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.LanePanel.ROW;
import static io.griffinfly.engine.jvm.LanePanel.WIDTH;

import io.griffinfly.engine.ir.Attention;
import java.util.List;

/// Queries, keys and values of an attention as its vector kernels read them: contiguous rows.
///
/// @param q queries `[b, h, s, d]`
/// @param k keys `[b, g, t, d]`
/// @param v values `[b, g, t, e]`
/// @param scale factor of the scores
/// @param causal whether query i sees key j only when j ≤ i + t − s
record AttentionHeads(View q, View k, View v, float scale, boolean causal) {
  static AttentionHeads of(List<View> operands, double scale, Attention.Mask mask) {
    boolean causal =
        switch (mask) {
          case NONE -> false;
          case CAUSAL -> true;
        };
    return new AttentionHeads(
        operands.get(0), operands.get(1), operands.get(2), (float) scale, causal);
  }

  /// s.
  int queries() {
    return q.dim(2);
  }

  /// t.
  int keys() {
    return k.dim(2);
  }

  /// d.
  int scoreWidth() {
    return q.dim(3);
  }

  /// e.
  int valueWidth() {
    return v.dim(3);
  }

  /// b·h.
  int queryHeads() {
    return Math.multiplyExact(q.dim(0), q.dim(1));
  }

  /// b·g.
  int keyHeads() {
    return Math.multiplyExact(k.dim(0), k.dim(1));
  }

  /// Query heads that a key head serves.
  int group() {
    return q.dim(1) / k.dim(1);
  }

  /// The key head that serves a query head, both counted over all batches.
  int keyHead(int queryHead) {
    return queryHead / q.dim(1) * k.dim(1) + queryHead % q.dim(1) / group();
  }

  /// A query head that a key head serves, both counted over all batches.
  int queryHead(int keyHead, int member) {
    return keyHead / k.dim(1) * q.dim(1) + keyHead % k.dim(1) * group() + member;
  }

  /// How many keys, from the first on, a query sees.
  int visible(int query) {
    return causal ? Math.clamp((long) query + keys() - queries() + 1, 0, keys()) : keys();
  }

  /// The first query that sees a key, or the number of queries.
  int firstQuery(int key) {
    return causal ? Math.clamp((long) key + queries() - keys(), 0, queries()) : 0;
  }

  /// Writes the last key that each query of a block sees.
  ///
  /// @param limits address of a row of a panel
  void lastKeys(int first, long limits) {
    for (int lane = 0; lane < WIDTH; lane++) {
      Memory.store(limits + lane * (long) Float.BYTES, visible(first + lane) - 1);
    }
  }

  /// Writes the first query that sees each key of a block, negated.
  ///
  /// @param limits address of a row of a panel
  void firstQueries(int first, long limits) {
    for (int lane = 0; lane < WIDTH; lane++) {
      Memory.store(limits + lane * (long) Float.BYTES, -firstQuery(first + lane));
    }
  }

  /// Scores of a few keys by a panel of queries.
  ///
  /// @param first query of the panel
  /// @param limits by [#lastKeys]
  void scoreKeys(int head, int key, int rows, int first, long panel, long limits, long scores) {
    LaneProduct.rows(row(k, keyHead(head), key), k.stride(2), rows, scoreWidth(), panel, scores);
    int visible = Math.max(key, visible(first));
    if (visible < key + rows) {
      LaneSoftmax.hide(scores + (visible - key) * ROW, key + rows - visible, limits, visible, 1);
    }
  }

  /// Scores of a few queries by a panel of keys.
  ///
  /// @param first key of the panel
  /// @param limits by [#firstQueries]
  void scoreQueries(
      int head, int query, int rows, int first, long panel, long limits, long scores) {
    LaneProduct.rows(row(q, head, query), q.stride(2), rows, scoreWidth(), panel, scores);
    int hidden = Math.min(firstQuery(first + WIDTH - 1) - query, rows);
    if (hidden > 0) {
      LaneSoftmax.hide(scores, hidden, limits, -query, -1);
    }
  }

  /// Address of a row of a tensor `[b, heads, positions, ..]`.
  ///
  /// @param head counted over all batches
  static long row(View tensor, int head, int position) {
    int heads = tensor.dim(1);
    return tensor.address()
        + head / heads * tensor.stride(0)
        + head % heads * tensor.stride(1)
        + position * tensor.stride(2);
  }
}
