package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.AttentionHeads.row;
import static io.griffinfly.engine.jvm.LanePanel.ROW;
import static io.griffinfly.engine.jvm.LanePanel.WIDTH;

/// The gradient of the queries. A task is a block of queries of one head, each in a lane of its
/// own, and sums over the keys that they see: with weights p and gradients of the scores ds =
/// p·(v·dy − Σ y·dy), dq = scale · Σ ds·k.
final class QueryGradKernel implements Kernel {
  private final AttentionHeads heads;
  private final AttendGradKernel.Upstream upstream;
  private final View dq;
  private final int blocks;

  QueryGradKernel(AttentionHeads heads, AttendGradKernel.Upstream upstream, View dq) {
    this.heads = heads;
    this.upstream = upstream;
    this.dq = dq;
    blocks = Math.ceilDiv(heads.queries(), WIDTH);
  }

  @Override
  public int tasks() {
    return Math.multiplyExact(heads.queryHeads(), blocks);
  }

  @Override
  public long scratchBytes() {
    int rows = 2 * heads.scoreWidth() + heads.valueWidth() + 2 * AttendKernel.BLOCK + 5;
    return LanePanel.bytes(rows);
  }

  /// Later blocks see more keys, so they come first.
  @Override
  public void run(int task, long scratch) {
    int head = task / blocks;
    int first = (blocks - 1 - task % blocks) * WIDTH;
    int count = Math.min(WIDTH, heads.queries() - first);
    int width = heads.scoreWidth();
    long limits = scratch;
    long denominators = limits + ROW;
    long totals = denominators + ROW;
    long factors = totals + ROW;
    long panel = factors + 2 * ROW;
    long dyPanel = panel + LanePanel.bytes(width);
    long sum = dyPanel + LanePanel.bytes(heads.valueWidth());
    long scores = sum + LanePanel.bytes(width);
    View q = heads.q();
    View dy = upstream.dy();
    LanePanel.pack(row(q, head, first), q.stride(2), count, width, heads.scale(), panel);
    LanePanel.pack(row(dy, head, first), dy.stride(2), count, heads.valueWidth(), 1, dyPanel);
    LanePanel.fill(denominators, 2, 0);
    upstream.gather(head, first, count, denominators, totals, factors);
    LanePanel.fill(sum, width, 0);
    heads.lastKeys(first, limits);
    int keys = heads.visible(first + count - 1);
    for (int key = 0; key < keys; key += AttendKernel.BLOCK) {
      int rows = Math.min(AttendKernel.BLOCK, keys - key);
      heads.scoreKeys(head, key, rows, first, panel, limits, scores);
      addBlock(heads.keyHead(head), key, rows, scratch);
    }
    LanePanel.fill(factors, 1, heads.scale());
    LanePanel.unpack(sum, width, count, factors, row(dq, head, first), dq.stride(2));
  }

  private void addBlock(int keyHead, int key, int rows, long scratch) {
    View k = heads.k();
    View v = heads.v();
    long denominators = scratch + ROW;
    long dyPanel = scratch + 5 * ROW + LanePanel.bytes(heads.scoreWidth());
    long sum = dyPanel + LanePanel.bytes(heads.valueWidth());
    long scores = sum + LanePanel.bytes(heads.scoreWidth());
    long gradients = scores + LanePanel.bytes(AttendKernel.BLOCK);
    LaneProduct.rows(
        row(v, keyHead, key), v.stride(2), rows, heads.valueWidth(), dyPanel, gradients);
    LaneSoftmax.gradientByLanes(scores, gradients, rows, denominators, denominators + ROW);
    LaneProduct.addColumns(
        row(k, keyHead, key), k.stride(2), heads.scoreWidth(), rows, gradients, sum);
  }
}
