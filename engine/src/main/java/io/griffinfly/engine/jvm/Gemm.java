package io.griffinfly.engine.jvm;

/// The main kernel of a matrix product: multiplies strips by panels, packing what is not packed
/// yet, and hands finished tiles to the epilogue.
///
/// The order of the loops is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix
/// Multiplication" (2008): a block of rows stays in L2 while panels pass through L1.
final class Gemm implements Kernel {
  private final Tiles tiles;
  private final GemmCut cut;
  private final Strips strips;
  private final GemmOperand left;
  private final GemmOperand right;
  private final long[] results;
  private final long resultStride;
  private final boolean storesOnly;
  private final TileFunction function;
  private final long[] operands;
  private final long tileStride;
  private final long panelAt;
  private final long blockAt;
  private final long partialAt;
  private final long scratchBytes;

  /// Binds the kernel.
  ///
  /// @param tiles code for the pieces
  /// @param cut tasks
  /// @param left packed whole or as it is, as the cut says
  /// @param right packed whole or as it is, as the cut says
  /// @param results address of each result
  /// @param resultStride bytes from one row of a result to the next; columns are contiguous
  /// @param epilogue what is done to finished tiles
  Gemm(
      Tiles tiles,
      GemmCut cut,
      GemmOperand left,
      GemmOperand right,
      long[] results,
      long resultStride,
      Epilogue epilogue) {
    this.tiles = tiles;
    this.cut = cut;
    this.strips = cut.strips();
    this.left = left;
    this.right = right;
    this.results = results;
    this.resultStride = resultStride;
    this.storesOnly = epilogue.storesOnly();
    this.function = epilogue.function(tiles);
    this.operands = epilogue.operands();
    this.tileStride = tiles.tileStride();
    this.panelAt = aligned(tiles.tileBytes());
    this.blockAt = panelAt + aligned(cut.panelBytes(tiles));
    this.partialAt = blockAt + aligned(cut.blockBytes(tiles));
    this.scratchBytes = partialAt + cut.partialBytes(tiles);
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, Memory.ALIGNMENT) * Memory.ALIGNMENT;
  }

  @Override
  public int tasks() {
    return cut.tasks();
  }

  @Override
  public long scratchBytes() {
    return scratchBytes;
  }

  @Override
  public void run(int task, long scratch) {
    int group = task % cut.panelGroups();
    int rest = task / cut.panelGroups();
    int block = rest % cut.rowBlocks();
    int batch = rest / cut.rowBlocks();
    int depthBlocks = cut.depthBlocks();
    for (int depthBlock = 0; depthBlock < depthBlocks; depthBlock++) {
      multiply(batch, block, group, depthBlock, scratch);
    }
  }

  /// Adds one block of terms to all tiles of a task.
  private void multiply(int batch, int block, int group, int depthBlock, long scratch) {
    int firstTerm = depthBlock * cut.depthBlock();
    int terms = Math.min(cut.depthBlock(), cut.shape().depth() - firstTerm);
    int firstStrip = cut.firstStrip(block);
    int endStrip = cut.firstStrip(block + 1);
    if (!left.packed()) {
      packRows(batch, firstStrip, endStrip, firstTerm, terms, scratch + blockAt);
    }
    int firstPanel = cut.firstPanel(group);
    int endPanel = cut.firstPanel(group + 1);
    for (int panel = firstPanel; panel < endPanel; panel++) {
      long columns = rightPanel(batch, panel, firstTerm, terms, scratch);
      for (int strip = firstStrip; strip < endStrip; strip++) {
        long rows = leftStrip(batch, strip, firstStrip, firstTerm, terms, scratch);
        int partial = (panel - firstPanel) * (endStrip - firstStrip) + strip - firstStrip;
        tile(batch, strip, panel, depthBlock, rows, columns, terms, scratch, partial);
      }
    }
  }

  private void packRows(
      int batch, int firstStrip, int endStrip, int firstTerm, int terms, long target) {
    for (int strip = firstStrip; strip < endStrip; strip++) {
      left.pack(
          tiles.packer(),
          batch,
          strips.start(strip),
          strips.validRows(strip),
          strips.height(strip),
          firstTerm,
          terms,
          target);
      target += (long) strips.height(strip) * terms * Float.BYTES;
    }
  }

  private long leftStrip(
      int batch, int strip, int firstStrip, int firstTerm, int terms, long scratch) {
    int start = strips.start(strip);
    if (left.packed()) {
      long before = (long) start * cut.shape().depth() + (long) firstTerm * strips.height(strip);
      return left.address(batch) + before * Float.BYTES;
    }
    return scratch + blockAt + (long) (start - strips.start(firstStrip)) * terms * Float.BYTES;
  }

  private long rightPanel(int batch, int panel, int firstTerm, int terms, long scratch) {
    if (right.packed()) {
      long before = (long) panel * cut.shape().depth() + firstTerm;
      return right.address(batch) + before * tileStride;
    }
    int column = panel * tiles.panel();
    int valid = Math.min(tiles.panel(), cut.shape().columns() - column);
    long target = scratch + panelAt;
    right.pack(tiles.packer(), batch, column, valid, tiles.panel(), firstTerm, terms, target);
    return target;
  }

  private void tile(
      int batch,
      int strip,
      int panel,
      int depthBlock,
      long rows,
      long columns,
      int terms,
      long scratch,
      int partial) {
    TileProduct product = strips.isHigh(strip) ? tiles.high() : tiles.low();
    int validRows = strips.validRows(strip);
    int column = panel * tiles.panel();
    int validColumns = Math.min(tiles.panel(), cut.shape().columns() - column);
    int row = strips.start(strip);
    long result = results[batch] + row * resultStride + (long) column * Float.BYTES;
    boolean first = depthBlock == 0;
    boolean last = depthBlock == cut.depthBlocks() - 1;
    if (first && last && storesOnly) {
      if (validRows == product.rows() && validColumns == tiles.panel()) {
        product.multiply(rows, columns, terms, result, resultStride);
        return;
      }
    }
    long sums = scratch + partialAt + partial * tiles.tileBytes();
    long out = first && !last ? sums : scratch;
    product.multiply(rows, columns, terms, out, tileStride);
    if (!first) {
      // The last block's sums stay in the tile, where the epilogue reads them.
      long from = last ? sums : out;
      long to = last ? out : sums;
      tiles
          .add()
          .apply(from, tileStride, to, tileStride, 0, 0, product.rows(), tiles.panel(), operands);
    }
    if (last) {
      int resultRow = batch * cut.shape().rows() + row;
      function.apply(
          out,
          tileStride,
          result,
          resultStride,
          resultRow,
          column,
          validRows,
          validColumns,
          operands);
    }
  }
}
