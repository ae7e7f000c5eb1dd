package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.jvm.TileLoop.Access;
import io.griffinfly.engine.kernel.TypedExpr;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Expressions of operands at every position of a domain.
///
/// The results decide the order of the loops, so that writes are contiguous. A task is a range of
/// rows, or of the columns of one row, of about [#TASK_ELEMENTS] elements. An operand that lies
/// across the results' order is read in tiles small enough that its cache lines are used up while
/// they are in L1.
final class PointwiseKernel implements Kernel {
  /// Elements of a task: some microseconds of work, some times the cost of handing it out.
  static final long TASK_ELEMENTS = 16_384;

  /// Extents of a tile when an operand lies across: 64 lines of 64 bytes.
  private static final int CROSSING_ROWS = 16;

  private static final int CROSSING_COLUMNS = 64;

  private final LoopNest nest;
  private final TileLoop loop;
  private final int results;
  private final long rows;
  private final long rowsPerTask;
  private final int rowTasks;
  private final int columnsPerTask;
  private final int columnTasks;
  private final int tileRows;
  private final int tileColumns;

  private PointwiseKernel(LoopNest nest, TileLoop loop, int results, boolean crosses) {
    this.nest = nest;
    this.loop = loop;
    this.results = results;
    this.rows = nest.rows();
    this.columnsPerTask = (int) Math.min(nest.columns(), 2 * TASK_ELEMENTS);
    this.columnTasks = columnsPerTask == 0 ? 0 : Math.ceilDiv(nest.columns(), columnsPerTask);
    this.rowsPerTask = Math.max(1, TASK_ELEMENTS / Math.max(1, columnsPerTask));
    this.rowTasks = Math.toIntExact(Math.ceilDiv(rows, rowsPerTask));
    this.tileRows = crosses ? CROSSING_ROWS : Integer.MAX_VALUE;
    this.tileColumns = crosses ? CROSSING_COLUMNS : columnsPerTask;
  }

  /// Binds expressions to their operands.
  ///
  /// @param domain shape of the results; the operands broadcast to it
  /// @param expressions one a result
  /// @param operands what they read
  /// @param results what is written
  static PointwiseKernel of(
      Shape domain, List<ScalarExpr> expressions, List<View> operands, List<View> results) {
    List<View> views = new ArrayList<>();
    results.forEach(result -> views.add(result.broadcast(domain)));
    operands.forEach(operand -> views.add(operand.broadcast(domain)));
    LoopNest nest =
        LoopNest.over(domain, IntStream.range(0, domain.rank()).boxed().toList(), views);
    List<DType> types = operands.stream().map(View::type).toList();
    List<TypedExpr> typed =
        IntStream.range(0, results.size())
            .mapToObj(i -> TypedExpr.of(expressions.get(i), types, results.get(i).type()))
            .toList();
    List<Access> access = nest.views().stream().map(LoopNest.Cursor::access).toList();
    LoopSpec spec =
        new LoopSpec(
            typed,
            types,
            access.subList(results.size(), access.size()),
            results.stream().map(View::type).toList(),
            access.subList(0, results.size()).stream()
                .map(a -> a == Access.STRIDED ? a : Access.CONTIGUOUS)
                .toList(),
            null);
    return new PointwiseKernel(
        nest, LoopCompiler.compile(spec), results.size(), access.contains(Access.STRIDED));
  }

  @Override
  public int tasks() {
    return rowTasks * columnTasks;
  }

  @Override
  public long scratchBytes() {
    return TileLoop.blockBytes(nest.views().size());
  }

  @Override
  public void run(int task, long scratch) {
    long row = task / columnTasks * rowsPerTask;
    long end = Math.min(rows, row + rowsPerTask);
    int column = task % columnTasks * columnsPerTask;
    int columnEnd = Math.min(nest.columns(), column + columnsPerTask);
    while (row < end) {
      int tall = (int) Math.min(Math.min(tileRows, end - row), nest.rowsInARow(row));
      for (int c = column; c < columnEnd; c += tileColumns) {
        runTile(scratch, row, tall, c, Math.min(tileColumns, columnEnd - c));
      }
      row += tall;
    }
  }

  private void runTile(long scratch, long row, int tall, int column, int wide) {
    int views = nest.views().size();
    for (int view = 0; view < views; view++) {
      int entry = view < results ? views - results + view : view - results;
      nest.enter(scratch, entry, view, row, column);
    }
    loop.run(scratch, tall, wide);
  }
}
