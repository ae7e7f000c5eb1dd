package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.Shape;

/// The first stage of a fold of which each element of the result takes many or long rows: every
/// piece of a row yields a partial result. A tile is the same piece of some rows.
final class PieceFold implements Kernel {
  /// Longest row that one loop folds.
  static final int CHUNK = 16_384;

  private final LoopNest kept;
  private final LoopNest folded;
  private final TileLoop loop;
  private final int operands;
  private final int pieces;
  private final int pieceColumns;
  private final long rowsPerUnit;
  private final long unitsPerElement;
  private final long units;
  private final long unitsPerTask;
  private final long resultBytes;

  private PieceFold(FoldKernel fold, View slice) {
    kept = fold.keptLoops(slice);
    folded = fold.foldedLoops();
    loop = fold.rowLoop(fold.partialType());
    operands = fold.operands().size();
    pieces = Math.ceilDiv(folded.columns(), CHUNK);
    pieceColumns = Math.min(folded.columns(), CHUNK);
    rowsPerUnit = Math.max(1, PointwiseKernel.TASK_ELEMENTS / pieceColumns);
    unitsPerElement = pieces * Math.ceilDiv(folded.rows(), rowsPerUnit);
    units = unitsPerElement * kept.rows() * kept.columns();
    long unitElements = Math.min(rowsPerUnit, folded.rows()) * pieceColumns;
    unitsPerTask = Math.max(1, PointwiseKernel.TASK_ELEMENTS / unitElements);
    resultBytes = fold.result().shape().size() * fold.partialType().bytes();
  }

  static Kernel of(FoldKernel fold) {
    LoopNest loops = fold.foldedLoops();
    int count = Math.toIntExact(loops.rows() * Math.ceilDiv(loops.columns(), CHUNK));
    Shape shape = fold.partialShape(count);
    Workspace partials = Workspace.of(shape.size() * fold.partialType().bytes());
    return new TwoStageKernel(
        new PieceFold(fold, partials.view(fold.partialType(), fold.result().shape())),
        fold.combine(partials.view(fold.partialType(), shape)),
        partials);
  }

  @Override
  public int tasks() {
    return Math.toIntExact(Math.ceilDiv(units, unitsPerTask));
  }

  @Override
  public long scratchBytes() {
    return TileLoop.blockBytes(operands + 1);
  }

  @Override
  public void run(int task, long scratch) {
    long end = Math.min(units, (task + 1) * unitsPerTask);
    for (long unit = task * unitsPerTask; unit < end; unit++) {
      long element = unit / unitsPerElement;
      int piece = (int) (unit % unitsPerElement % pieces);
      long row = unit % unitsPerElement / pieces * rowsPerUnit;
      long rowEnd = Math.min(folded.rows(), row + rowsPerUnit);
      while (row < rowEnd) {
        int tall = (int) Math.min(rowEnd - row, folded.rowsInARow(row));
        runTile(scratch, element, row, tall, piece);
        row += tall;
      }
    }
  }

  private void runTile(long scratch, long element, long row, int tall, int piece) {
    long keptRow = element / kept.columns();
    long keptColumn = element % kept.columns();
    long column = (long) piece * pieceColumns;
    for (int view = 0; view < operands; view++) {
      LoopNest.Cursor cursor = folded.views().get(view);
      long address =
          cursor.address()
              + kept.offset(view, keptRow, keptColumn)
              + folded.offset(view, row, column);
      TileLoop.set(scratch, view, address, cursor.rowStride(), cursor.columnStride());
    }
    long first =
        kept.views().get(operands).address()
            + kept.offset(operands, keptRow, keptColumn)
            + (row * pieces + piece) * resultBytes;
    TileLoop.set(scratch, operands, first, pieces * resultBytes, 0);
    loop.run(scratch, tall, (int) Math.min(pieceColumns, folded.columns() - column));
  }
}
