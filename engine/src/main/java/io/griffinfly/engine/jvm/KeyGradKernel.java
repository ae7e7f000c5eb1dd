package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.AttentionHeads.row;
import static io.griffinfly.engine.jvm.LanePanel.ROW;
import static io.griffinfly.engine.jvm.LanePanel.WIDTH;

/// The gradients of keys and values. A task is a block of keys of one key head, each in a lane of
/// its own, and sums over the queries that see them, query head after query head: with weights p
/// and gradients of the scores ds = p·(dy·v − Σ y·dy), dv = Σ p·dy and dk = scale · Σ ds·q.
final class KeyGradKernel implements Kernel {
  private final AttentionHeads heads;
  private final AttendGradKernel.Upstream upstream;
  private final View dk;
  private final View dv;
  private final int blocks;

  KeyGradKernel(AttentionHeads heads, AttendGradKernel.Upstream upstream, View dk, View dv) {
    this.heads = heads;
    this.upstream = upstream;
    this.dk = dk;
    this.dv = dv;
    blocks = Math.ceilDiv(heads.keys(), WIDTH);
  }

  @Override
  public int tasks() {
    return Math.multiplyExact(heads.keyHeads(), blocks);
  }

  @Override
  public long scratchBytes() {
    int rows = 2 * (heads.scoreWidth() + heads.valueWidth() + AttendKernel.BLOCK) + 2;
    return LanePanel.bytes(rows) + rowNumbersBytes();
  }

  /// Bytes of a log-denominator and a total for each query of a block, and of a vector.
  private static long rowNumbersBytes() {
    return 2L * AttendKernel.BLOCK * Float.BYTES + ROW;
  }

  @Override
  public void run(int task, long scratch) {
    int keyHead = task / blocks;
    int first = task % blocks * WIDTH;
    int count = Math.min(WIDTH, heads.keys() - first);
    int width = heads.scoreWidth();
    int valueWidth = heads.valueWidth();
    View k = heads.k();
    View v = heads.v();
    long factors = scratch + ROW;
    long kPanel = factors + ROW;
    long vPanel = kPanel + LanePanel.bytes(width);
    long kSum = vPanel + LanePanel.bytes(valueWidth);
    long vSum = kSum + LanePanel.bytes(width);
    LanePanel.pack(row(k, keyHead, first), k.stride(2), count, width, heads.scale(), kPanel);
    LanePanel.pack(row(v, keyHead, first), v.stride(2), count, valueWidth, 1, vPanel);
    LanePanel.fill(kSum, width + valueWidth, 0);
    heads.firstQueries(first, scratch);
    for (int member = 0; member < heads.group(); member++) {
      addHead(heads.queryHead(keyHead, member), first, scratch);
    }
    LanePanel.fill(factors, 1, heads.scale());
    LanePanel.unpack(kSum, width, count, factors, row(dk, keyHead, first), dk.stride(2));
    LanePanel.fill(factors, 1, 1);
    LanePanel.unpack(vSum, valueWidth, count, factors, row(dv, keyHead, first), dv.stride(2));
  }

  private void addHead(int head, int first, long scratch) {
    int queries = heads.queries();
    int next;
    for (int query = heads.firstQuery(first); query < queries; query = next) {
      next = Math.min(query + AttendKernel.BLOCK, queries);
      addBlock(head, query, next - query, first, scratch);
    }
  }

  private void addBlock(int head, int query, int rows, int first, long scratch) {
    int width = heads.scoreWidth();
    int valueWidth = heads.valueWidth();
    View q = heads.q();
    View dy = upstream.dy();
    long kPanel = scratch + 2 * ROW;
    long vPanel = kPanel + LanePanel.bytes(width);
    long kSum = vPanel + LanePanel.bytes(valueWidth);
    long vSum = kSum + LanePanel.bytes(width);
    long scores = vSum + LanePanel.bytes(valueWidth);
    long gradients = scores + LanePanel.bytes(AttendKernel.BLOCK);
    long denominators = gradients + LanePanel.bytes(AttendKernel.BLOCK);
    long totals = denominators + AttendKernel.BLOCK * (long) Float.BYTES;
    long vector = totals + AttendKernel.BLOCK * (long) Float.BYTES;
    upstream.gather(head, query, rows, denominators, totals, vector);
    heads.scoreQueries(head, query, rows, first, kPanel, scratch, scores);
    LaneProduct.rows(row(dy, head, query), dy.stride(2), rows, valueWidth, vPanel, gradients);
    LaneSoftmax.gradientByRows(scores, gradients, rows, denominators, totals);
    LaneProduct.addColumns(row(dy, head, query), dy.stride(2), valueWidth, rows, scores, vSum);
    LaneProduct.addColumns(row(q, head, query), q.stride(2), width, rows, gradients, kSum);
  }
}
