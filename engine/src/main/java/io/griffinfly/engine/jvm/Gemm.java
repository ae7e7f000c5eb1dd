package io.griffinfly.engine.jvm;

/// The main kernel of a matrix product: multiplies strips of rows, read where they lie, by packed
/// panels of columns, and hands finished tiles to the epilogue.
///
/// The order of the loops is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix
/// Multiplication" (2008), with the roles that suit a network: what is large, the weight, is read
/// once from where it is, and what is small, the activation, is packed and stays in L2.
///
/// A last strip that has not all of its rows is moved up until it has; of the rows that it computes
/// again only those that no strip before it has are used.
final class Gemm implements Kernel {
  private final Tiles tiles;
  private final GemmCut cut;
  private final Strips strips;
  private final Shares blocks;
  private final Matrix left;
  private final Matrix right;
  private final long[] panels;
  private final boolean turned;
  private final Epilogue epilogue;
  private final long sumsStride;
  private final long turnedStride;
  private final long turnedAt;
  private final long panelAt;
  private final long paddedAt;
  private final long blockAt;

  /// Binds the kernel.
  ///
  /// @param tiles code for the pieces
  /// @param cut pieces
  /// @param threads that will take tasks
  /// @param left `[rows, depth]`
  /// @param right `[depth, columns]`
  /// @param panels address of each right matrix in panels, empty to pack them in the tasks
  /// @param turned whether the epilogue takes the product transposed
  /// @param epilogue what is done to finished tiles
  Gemm(
      Tiles tiles,
      GemmCut cut,
      int threads,
      Matrix left,
      Matrix right,
      long[] panels,
      boolean turned,
      Epilogue epilogue) {
    this.tiles = tiles;
    this.cut = cut;
    this.strips = cut.strips();
    this.blocks = cut.blocks(threads);
    this.left = left;
    this.right = right;
    this.panels = panels;
    this.turned = turned;
    this.epilogue = epilogue;
    sumsStride = cut.panelsInGroup() * tiles.panelStride();
    long columns = (long) cut.panelsInGroup() * tiles.panel();
    turnedStride = Memory.aligned((rowsInBlock() + tiles.high().rows()) * (long) Float.BYTES);
    turnedAt = Memory.aligned(rowsInBlock() * sumsStride);
    panelAt = turnedAt + (turned ? columns * turnedStride : 0);
    long panelBytes = panels.length > 0 ? 0 : tiles.panelStride() * cut.depthBlock();
    paddedAt = panelAt + panelBytes;
    long padded = isShort() ? (long) tiles.low().rows() * cut.depthBlock() * Float.BYTES : 0;
    blockAt = Memory.aligned(paddedAt + padded);
  }

  /// Whether there are fewer rows than the lowest strip has.
  private boolean isShort() {
    return strips.rows() < tiles.low().rows();
  }

  /// The most rows that a task has, those that pad its last strip included.
  private int rowsInBlock() {
    int most = 0;
    for (int block = 0; block < blocks.count(); block++) {
      most =
          Math.max(most, strips.start(blocks.first(block + 1)) - strips.start(blocks.first(block)));
    }
    return most;
  }

  @Override
  public int tasks() {
    return cut.isEmpty() ? 0 : cut.batch() * blocks.count() * cut.panelGroups();
  }

  @Override
  public long scratchBytes() {
    return blockAt + epilogue.blockBytes();
  }

  @Override
  public void run(int task, long scratch) {
    int group = task % cut.panelGroups();
    int rest = task / cut.panelGroups();
    int block = rest % blocks.count();
    int batch = rest / blocks.count();
    for (int depthBlock = 0; depthBlock < cut.depthBlocks(); depthBlock++) {
      multiply(batch, block, group, depthBlock, scratch);
    }
    finish(batch, block, group, scratch);
  }

  /// Adds one block of terms to the sums of a task.
  private void multiply(int batch, int block, int group, int depthBlock, long scratch) {
    int firstTerm = depthBlock * cut.depthBlock();
    int terms = Math.min(cut.depthBlock(), cut.shape().depth() - firstTerm);
    long rows = left.address(batch) + firstTerm * left.columnStride();
    long rowStride = left.rowStride();
    long termStride = left.columnStride();
    if (isShort()) {
      rows = scratch + paddedAt;
      int height = tiles.low().rows();
      tiles
          .packer()
          .pack(
              left.address(batch) + firstTerm * termStride,
              rowStride,
              termStride,
              strips.rows(),
              height,
              terms,
              rows);
      rowStride = Float.BYTES;
      termStride = (long) height * Float.BYTES;
    }
    int firstStrip = blocks.first(block);
    int endStrip = blocks.first(block + 1);
    int spread =
        left.columnStride() == Float.BYTES && isEven(firstStrip, endStrip)
            ? endStrip - firstStrip
            : 1;
    int firstPanel = cut.firstPanel(group);
    int endPanel = cut.firstPanel(group + 1);
    for (int panel = firstPanel; panel < endPanel; panel++) {
      long columns = panel(batch, panel, firstTerm, terms, scratch);
      long sums = scratch + (panel - firstPanel) * tiles.panelStride();
      for (int strip = firstStrip; strip < endStrip; strip++) {
        TileProduct product = tiles.product(strips.height(strip));
        int row = spread > 1 ? strips.start(firstStrip) + strip - firstStrip : firstRow(strip);
        int place =
            spread > 1 ? strip - firstStrip : strips.start(strip) - strips.start(firstStrip);
        product.multiply(
            rows + row * rowStride,
            spread * rowStride,
            termStride,
            columns,
            terms,
            sums + place * sumsStride,
            spread * sumsStride,
            depthBlock > 0);
      }
    }
  }

  private boolean isEven(int firstStrip, int endStrip) {
    return !isShort()
        && missingRows(endStrip - 1) == 0
        && strips.height(firstStrip) == strips.height(endStrip - 1);
  }

  /// The row that a strip begins at, moved up if its last rows would not exist.
  private int firstRow(int strip) {
    return Math.max(0, strips.start(strip) - missingRows(strip));
  }

  private int missingRows(int strip) {
    return strips.height(strip) - strips.validRows(strip);
  }

  private long panel(int batch, int panel, int firstTerm, int terms, long scratch) {
    if (panels.length > 0) {
      long before = (long) panel * cut.shape().depth() + firstTerm;
      return panels[batch] + before * tiles.panelStride();
    }
    int column = panel * tiles.panel();
    int valid = Math.min(tiles.panel(), cut.shape().columns() - column);
    long target = scratch + panelAt;
    tiles
        .packer()
        .pack(
            right.address(batch, firstTerm, column),
            right.columnStride(),
            right.rowStride(),
            valid,
            tiles.panel(),
            terms,
            target);
    return target;
  }

  /// Hands the sums of a task to the epilogue: first those of whole strips, then those of a last
  /// strip that was moved up.
  private void finish(int batch, int block, int group, long scratch) {
    int firstStrip = blocks.first(block);
    int endStrip = blocks.first(block + 1);
    int row = strips.start(firstStrip);
    int missing = isShort() ? 0 : missingRows(endStrip - 1);
    int end = strips.start(missing > 0 ? endStrip - 1 : endStrip);
    int whole = Math.min(end, strips.rows()) - row;
    int last = missing > 0 ? strips.rows() - end : 0;
    long lastSums = scratch + (end - row + missing) * sumsStride;
    int column = cut.firstPanel(group) * tiles.panel();
    int columns =
        Math.min(cut.firstPanel(group + 1) * tiles.panel(), cut.shape().columns()) - column;
    long extra = scratch + blockAt;
    if (turned) {
      long to = scratch + turnedAt;
      tiles.transposer().transpose(scratch, sumsStride, whole, columns, to, turnedStride);
      tiles
          .transposer()
          .transpose(
              lastSums, sumsStride, last, columns, to + (long) whole * Float.BYTES, turnedStride);
      epilogue.apply(to, turnedStride, batch, column, row, columns, whole + last, extra);
      return;
    }
    if (whole > 0) {
      epilogue.apply(scratch, sumsStride, batch, row, column, whole, columns, extra);
    }
    if (last > 0) {
      epilogue.apply(lastSums, sumsStride, batch, end, column, last, columns, extra);
    }
  }
}
