package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.AttentionHeads.row;
import static io.griffinfly.engine.jvm.LanePanel.ROW;
import static io.griffinfly.engine.jvm.LanePanel.WIDTH;

/// Attention in vectors. A task is a block of queries of one head, each in a lane of its own; it
/// goes over the keys in blocks and keeps a running maximum and sum of its scores, so that its
/// memory does not grow with the number of keys (Dao et al. 2022, FlashAttention).
final class AttendKernel implements Kernel {
  /// Keys of a block: their scores, and the parts of k and v that they need, fit in the first-level
  /// cache.
  static final int BLOCK = 64;

  private final AttentionHeads heads;
  private final View y;
  private final View logDenominators;
  private final int blocks;

  AttendKernel(AttentionHeads heads, View y, View logDenominators) {
    this.heads = heads;
    this.y = y;
    this.logDenominators = logDenominators;
    blocks = Math.ceilDiv(heads.queries(), WIDTH);
  }

  @Override
  public int tasks() {
    return Math.multiplyExact(heads.queryHeads(), blocks);
  }

  @Override
  public long scratchBytes() {
    return LanePanel.bytes(heads.scoreWidth() + heads.valueWidth() + BLOCK + 4);
  }

  /// Later blocks see more keys, so they come first.
  @Override
  public void run(int task, long scratch) {
    int head = task / blocks;
    int first = (blocks - 1 - task % blocks) * WIDTH;
    int count = Math.min(WIDTH, heads.queries() - first);
    long maxima = scratch;
    long sums = maxima + ROW;
    long factors = sums + ROW;
    long limits = factors + ROW;
    long panel = limits + ROW;
    long sum = panel + LanePanel.bytes(heads.scoreWidth());
    long scores = sum + LanePanel.bytes(heads.valueWidth());
    LanePanel.pack(
        row(heads.q(), head, first),
        heads.q().stride(2),
        count,
        heads.scoreWidth(),
        heads.scale(),
        panel);
    LanePanel.fill(maxima, 1, -Float.MAX_VALUE);
    LanePanel.fill(sums, 1, 0);
    LanePanel.fill(sum, heads.valueWidth(), 0);
    heads.lastKeys(first, limits);
    int keys = heads.visible(first + count - 1);
    for (int key = 0; key < keys; key += BLOCK) {
      int rows = Math.min(BLOCK, keys - key);
      heads.scoreKeys(head, key, rows, first, panel, limits, scores);
      LaneSoftmax.weigh(scores, rows, maxima, sums, factors);
      if (key > 0) {
        LanePanel.scale(sum, heads.valueWidth(), factors);
      }
      LaneProduct.addColumns(
          row(heads.v(), heads.keyHead(head), key),
          heads.v().stride(2),
          heads.valueWidth(),
          rows,
          scores,
          sum);
    }
    finish(head, first, count, scratch);
    LanePanel.unpack(sum, heads.valueWidth(), count, factors, row(y, head, first), y.stride(2));
  }

  /// Writes the log-denominators, and the factors that end each lane's sum: the inverse of its
  /// weights' sum, or 0 where nothing was visible.
  private void finish(int head, int first, int count, long scratch) {
    long stride = logDenominators.stride(2);
    long to = row(logDenominators, head, first);
    for (int lane = 0; lane < count; lane++) {
      long at = scratch + lane * (long) Float.BYTES;
      float sum = Memory.load(at + ROW);
      Memory.store(to + lane * stride, (float) (Memory.load(at) + Math.log(sum)));
      Memory.store(at + 2 * ROW, sum == 0 ? 0 : 1 / sum);
    }
  }
}
