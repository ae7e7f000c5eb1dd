package io.griffinfly.engine.jvm;

/// A fold whose folded axes make one row of moderate length for each element of the result: a tile
/// is many such rows.
final class RowFold implements Kernel {
  private final LoopNest kept;
  private final LoopNest folded;
  private final TileLoop loop;
  private final int operands;
  private final long elements;
  private final long elementsPerTask;

  RowFold(FoldKernel fold) {
    kept = fold.keptLoops(fold.result());
    folded = fold.foldedLoops();
    loop = fold.rowLoop(fold.result().type());
    operands = fold.operands().size();
    elements = kept.rows() * kept.columns();
    elementsPerTask = Math.max(1, PointwiseKernel.TASK_ELEMENTS / folded.columns());
  }

  @Override
  public int tasks() {
    return Math.toIntExact(Math.ceilDiv(elements, elementsPerTask));
  }

  @Override
  public long scratchBytes() {
    return TileLoop.blockBytes(operands + 1);
  }

  @Override
  public void run(int task, long scratch) {
    long element = task * elementsPerTask;
    long end = Math.min(elements, element + elementsPerTask);
    while (element < end) {
      long row = element / kept.columns();
      long column = element % kept.columns();
      int tall = (int) Math.min(end - element, kept.columns() - column);
      for (int view = 0; view <= operands; view++) {
        LoopNest.Cursor cursor = kept.views().get(view);
        long inner = view < operands ? folded.views().get(view).columnStride() : 0;
        long address = cursor.address() + kept.offset(view, row, column);
        TileLoop.set(scratch, view, address, cursor.columnStride(), inner);
      }
      loop.run(scratch, tall, folded.columns());
      element += tall;
    }
  }
}
