package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.jvm.TileLoop.Access;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.ArrayList;
import java.util.List;

/// A fold that leaves the axis on which its operands are contiguous: rows are added to a row of
/// results that stays in L1. With many rows, each chunk of them has partial results of its own.
final class ColumnFold implements Kernel {
  /// Elements of the row that stays in L1: 8 kB.
  private static final int WIDTH = 2048;

  /// Fewest rows of a chunk, so that partial results are few beside the operands.
  private static final long LEAST_ROWS = 64;

  private final LoopNest kept;
  private final LoopNest folded;
  private final TileLoop fill;
  private final TileLoop add;
  private final int operands;
  private final int widths;
  private final long rowsPerChunk;
  private final long chunks;
  private final long chunkBytes;
  private final long units;
  private final long unitsPerTask;

  private ColumnFold(FoldKernel fold, View into, long rowsPerChunk, long chunkBytes) {
    this.rowsPerChunk = rowsPerChunk;
    this.chunkBytes = chunkBytes;
    kept = fold.keptLoops(into);
    folded = fold.foldedLoops();
    chunks = Math.ceilDiv(rows(folded), rowsPerChunk);
    operands = fold.operands().size();
    widths = Math.ceilDiv(kept.columns(), WIDTH);
    units = kept.rows() * widths * chunks;
    long unitElements = Math.min(kept.columns(), WIDTH) * rowsPerChunk;
    unitsPerTask = Math.max(1, PointwiseKernel.TASK_ELEMENTS / unitElements);
    List<Access> access =
        new ArrayList<>(kept.views().stream().map(LoopNest.Cursor::access).toList());
    access.set(operands, access.getLast() == Access.STRIDED ? Access.STRIDED : Access.CONTIGUOUS);
    List<DType> types = new ArrayList<>(fold.operandTypes());
    types.add(into.type());
    ScalarExpr sum =
        ScalarExpr.apply(fold.function(), new ScalarExpr.Arg(operands), fold.prologue());
    add = loop(sum, types, access, into.type());
    ScalarExpr neutral = new ScalarExpr.Scalar(fold.neutral());
    fill = loop(neutral, List.of(into.type()), access.subList(operands, operands + 1), into.type());
  }

  private static TileLoop loop(
      ScalarExpr expression, List<DType> types, List<Access> access, DType into) {
    return LoopCompiler.compile(
        new LoopSpec(
            List.of(TypedExpr.of(expression, types, into)),
            types,
            access,
            List.of(into),
            List.of(access.getLast()),
            null));
  }

  private static long rows(LoopNest folded) {
    return folded.rows() * folded.columns();
  }

  static Kernel of(FoldKernel fold) {
    long rows = rows(fold.foldedLoops());
    int width = Math.min(fold.keptLoops(fold.result()).columns(), WIDTH);
    long rowsPerChunk = Math.min(rows, Math.max(LEAST_ROWS, PointwiseKernel.TASK_ELEMENTS / width));
    DType type = fold.partialType();
    int chunks = Math.toIntExact(Math.ceilDiv(rows, rowsPerChunk));
    if (chunks == 1 && fold.result().type() == type) {
      return new ColumnFold(fold, fold.result(), rowsPerChunk, 0);
    }
    Shape shape = fold.partialShape(chunks);
    Workspace partials = Workspace.of(shape.size() * type.bytes());
    View slice = partials.view(type, fold.result().shape());
    long chunkBytes = fold.result().shape().size() * type.bytes();
    return new TwoStageKernel(
        new ColumnFold(fold, slice, rowsPerChunk, chunkBytes),
        fold.combine(partials.view(type, shape)),
        partials);
  }

  @Override
  public int tasks() {
    return Math.toIntExact(Math.ceilDiv(units, unitsPerTask));
  }

  @Override
  public long scratchBytes() {
    return TileLoop.blockBytes(operands + 2);
  }

  @Override
  public void run(int task, long scratch) {
    long end = Math.min(units, (task + 1) * unitsPerTask);
    for (long unit = task * unitsPerTask; unit < end; unit++) {
      long chunk = unit % chunks;
      int column = (int) (unit / chunks % widths) * WIDTH;
      foldChunk(scratch, unit / chunks / widths, column, chunk);
    }
  }

  private void foldChunk(long scratch, long keptRow, int column, long chunk) {
    int wide = Math.min(WIDTH, kept.columns() - column);
    LoopNest.Cursor into = kept.views().get(operands);
    long result = into.address() + kept.offset(operands, keptRow, column) + chunk * chunkBytes;
    TileLoop.set(scratch, 0, result, 0, into.columnStride());
    TileLoop.set(scratch, 1, result, 0, into.columnStride());
    fill.run(scratch, 1, wide);
    TileLoop.set(scratch, operands, result, 0, into.columnStride());
    TileLoop.set(scratch, operands + 1, result, 0, into.columnStride());
    long row = chunk * rowsPerChunk;
    long end = Math.min(rows(folded), row + rowsPerChunk);
    while (row < end) {
      long outer = row / folded.columns();
      long inner = row % folded.columns();
      int tall = (int) Math.min(end - row, folded.columns() - inner);
      for (int view = 0; view < operands; view++) {
        LoopNest.Cursor cursor = folded.views().get(view);
        long address =
            cursor.address()
                + kept.offset(view, keptRow, column)
                + folded.offset(view, outer, inner);
        TileLoop.set(
            scratch, view, address, cursor.columnStride(), kept.views().get(view).columnStride());
      }
      add.run(scratch, tall, wide);
      row += tall;
    }
  }
}
