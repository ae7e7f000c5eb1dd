package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.ScalarExpr;
import java.util.List;

/// Copies rows of a table to where their positions stand. A task is a range of positions.
final class TakeKernel implements Kernel {
  private final IndexedRows rows;
  private final TileLoop copy;
  private final long units;
  private final long unitsPerTask;

  TakeKernel(IndexedRows rows) {
    this.rows = rows;
    copy = rows.loop(new ScalarExpr.Arg(0), List.of(IndexedRows.TABLE), IndexedRows.TAKEN);
    units = rows.width() == 0 ? 0 : rows.outer() * rows.count();
    unitsPerTask = Math.max(1, PointwiseKernel.TASK_ELEMENTS / Math.max(1, rows.width()));
  }

  @Override
  public int tasks() {
    return Math.toIntExact(Math.ceilDiv(units, unitsPerTask));
  }

  @Override
  public long scratchBytes() {
    return TileLoop.blockBytes(2);
  }

  @Override
  public void run(int task, long scratch) {
    long end = Math.min(units, (task + 1) * unitsPerTask);
    for (long unit = task * unitsPerTask; unit < end; unit++) {
      long outer = unit / rows.count();
      long i = unit % rows.count();
      long from = rows.tableRow(outer, rows.index(i));
      long to = rows.takenRow(outer, i);
      rows.run(copy, scratch, IndexedRows.TABLE, from, IndexedRows.TAKEN, to, 2);
    }
  }
}
