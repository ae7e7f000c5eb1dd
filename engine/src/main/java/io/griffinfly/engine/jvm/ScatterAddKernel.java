package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import java.util.List;

/// Adds rows to a table of zeros. A task owns a range of the table's rows: it fills them with
/// zeros, looks through all positions, and adds the updates that fall into its range in their
/// order. So nothing is added from two sides, and the result depends on nothing but the operands.
final class ScatterAddKernel implements Kernel {
  /// Fewest positions to look through for each row filled, so that many tasks do not spend their
  /// time looking.
  private static final long LOOKS_PER_ELEMENT = 16;

  private final IndexedRows rows;
  private final TileLoop fill;
  private final TileLoop add;
  private final int rangeRows;
  private final int ranges;

  ScatterAddKernel(IndexedRows rows) {
    this.rows = rows;
    fill = rows.loop(new ScalarExpr.Scalar(0), List.of(IndexedRows.TABLE), IndexedRows.TABLE);
    ScalarExpr sum = ScalarExpr.apply(ScalarFn.ADD, new ScalarExpr.Arg(0), new ScalarExpr.Arg(1));
    add = rows.loop(sum, List.of(IndexedRows.TAKEN, IndexedRows.TABLE), IndexedRows.TABLE);
    long elements = Math.max(4 * PointwiseKernel.TASK_ELEMENTS, rows.count() * LOOKS_PER_ELEMENT);
    long wanted = Math.max(1, elements / Math.max(1, rows.width()));
    rangeRows = (int) Math.min(wanted, Math.max(1, rows.extent()));
    ranges = Math.ceilDiv(rows.extent(), rangeRows);
  }

  @Override
  public int tasks() {
    return rows.width() == 0 ? 0 : Math.toIntExact(rows.outer() * ranges);
  }

  @Override
  public long scratchBytes() {
    return TileLoop.blockBytes(3);
  }

  @Override
  public void run(int task, long scratch) {
    long outer = task / ranges;
    int first = task % ranges * rangeRows;
    int end = (int) Math.min(rows.extent(), (long) first + rangeRows);
    for (int index = first; index < end; index++) {
      long row = rows.tableRow(outer, index);
      rows.run(fill, scratch, IndexedRows.TABLE, row, IndexedRows.TABLE, row, 2);
    }
    for (long i = 0; i < rows.count(); i++) {
      int index = rows.index(i);
      if (index >= first && index < end) {
        long from = rows.takenRow(outer, i);
        long row = rows.tableRow(outer, index);
        rows.run(add, scratch, IndexedRows.TAKEN, from, IndexedRows.TABLE, row, 3);
      }
    }
  }
}
