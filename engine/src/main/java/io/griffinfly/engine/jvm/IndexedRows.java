package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.jvm.TileLoop.Access;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.List;
import java.util.stream.IntStream;

/// A table and what is taken from it, or added to it, at positions that are data: the table is
/// `outer × extent × inner`, what is taken `outer × indices × inner`. A row is one inner part.
final class IndexedRows {
  /// Which of the two a row belongs to: view numbers of the loops over a row.
  static final int TABLE = 0;

  static final int TAKEN = 1;

  private final View indices;
  private final View tableOuter;
  private final View takenOuter;
  private final View takenIndices;
  private final int extent;
  private final long extentStride;
  private final LoopNest nest;

  IndexedRows(View indices, View table, View taken, int axis) {
    int end = table.shape().rank();
    int inner = axis + indices.shape().rank();
    View tableInner = table.axes(axis + 1, end);
    List<Integer> axes = IntStream.range(0, end - axis - 1).boxed().toList();
    this.indices = indices;
    tableOuter = table.axes(0, axis);
    takenOuter = taken.axes(0, axis);
    takenIndices = taken.axes(axis, inner);
    extent = table.dim(axis);
    extentStride = table.stride(axis);
    nest =
        LoopNest.over(
            tableInner.shape(), axes, List.of(tableInner, taken.axes(inner, taken.shape().rank())));
  }

  /// Number of positions for each outer element.
  long count() {
    return indices.shape().size();
  }

  /// Number of outer elements.
  long outer() {
    return tableOuter.shape().size();
  }

  /// Number of rows of the table for each outer element.
  int extent() {
    return extent;
  }

  /// Number of elements of a row.
  long width() {
    return nest.rows() * nest.columns();
  }

  /// The position that is data number `i`.
  ///
  /// @throws GraphException if it leaves the table
  int index(long i) {
    long index = Elements.getInteger(indices.type(), indices.at(i));
    if (index < 0 || index >= extent) {
      throw new GraphException(
          "index " + index + " at position " + i + " leaves an axis of " + extent);
    }
    return (int) index;
  }

  /// Address of a row of the table.
  long tableRow(long outer, int index) {
    return tableOuter.at(outer) + index * extentStride;
  }

  /// Address of a row of what is taken.
  long takenRow(long outer, long i) {
    return takenOuter.at(outer) + takenIndices.offset(i);
  }

  /// A loop over a row.
  ///
  /// @param expression what is written
  /// @param operands [#TABLE] or [#TAKEN], one an operand
  /// @param into [#TABLE] or [#TAKEN]
  TileLoop loop(ScalarExpr expression, List<Integer> operands, int into) {
    List<DType> types = operands.stream().map(_ -> tableOuter.type()).toList();
    return LoopCompiler.compile(
        new LoopSpec(
            List.of(TypedExpr.of(expression, types, tableOuter.type())),
            types,
            operands.stream().map(this::access).toList(),
            List.of(tableOuter.type()),
            List.of(access(into)),
            null));
  }

  private Access access(int view) {
    Access access = nest.views().get(view).access();
    return access == Access.SPLAT && nest.columns() == 1 ? Access.CONTIGUOUS : access;
  }

  /// Runs a loop over one row.
  ///
  /// @param loop the loop
  /// @param block scratch memory for its entries
  /// @param first view of the first entry, [#TABLE] or [#TAKEN]
  /// @param firstRow address of its row
  /// @param second view of the other entries
  /// @param secondRow address of their row
  /// @param entries number of entries
  void run(
      TileLoop loop,
      long block,
      int first,
      long firstRow,
      int second,
      long secondRow,
      int entries) {
    int tall = nest.rowExtent();
    for (long row = 0; row < nest.rows(); row += tall) {
      for (int entry = 0; entry < entries; entry++) {
        int view = entry == 0 ? first : second;
        LoopNest.Cursor cursor = nest.views().get(view);
        long start = (entry == 0 ? firstRow : secondRow) + nest.offset(view, row, 0);
        TileLoop.set(block, entry, start, cursor.rowStride(), cursor.columnStride());
      }
      loop.run(block, tall, nest.columns());
    }
  }
}
