package io.griffinfly.engine.jvm;

/// How a matrix product is cut. Pure arithmetic on the shape: no sum depends on it but through
/// `depthBlock`, which depends on the depth alone. Only how many rows a task takes depends on the
/// number of threads, [#blocks].
///
/// @param shape extents of the product as it is computed
/// @param batch number of products
/// @param strips the cut of the rows
/// @param panels number of panels
/// @param packsAhead whether several tasks share each panel, which is then packed by a kernel
///   before
/// @param panelGroups groups of panels; a task has one
/// @param depthBlock terms summed in registers before they are added to the sums of those before
record GemmCut(
    GemmShape shape,
    int batch,
    Strips strips,
    int panels,
    boolean packsAhead,
    int panelGroups,
    int depthBlock) {

  /// Up to so many rows a task takes all of them and packs its panels itself: they are used often
  /// enough to pay for it.
  private static final int ROWS_OF_ONE_BLOCK = 128;

  /// Rows of a block where there are more: finished tiles are stored in whole cache lines, and with
  /// 128 rows a panel that comes from L2 serves 16 strips.
  private static final int LEAST_ROWS_IN_BLOCK = 16;

  private static final int MOST_ROWS_IN_BLOCK = 128;

  /// Columns of a task where panels are packed before: the sums of 32 x 128 are 16 KB.
  private static final int COLUMNS_IN_GROUP = 128;

  private static final int DEPTH_IN_BLOCK = 512;

  static GemmCut of(Tiles tiles, GemmShape shape, int batch) {
    Strips strips = tiles.strips(shape.rows());
    int panels = tiles.panels(shape.columns());
    boolean one = shape.rows() <= ROWS_OF_ONE_BLOCK && panels > 1;
    boolean packsAhead = !one && strips.count() > 1 && shape.rows() >= 2 * LEAST_ROWS_IN_BLOCK;
    int inGroup = one ? 1 : Math.max(1, COLUMNS_IN_GROUP / tiles.panel());
    int groups = Math.max(1, Math.ceilDiv(panels, inGroup));
    int depthBlocks = Math.max(1, Math.round(shape.depth() / (float) DEPTH_IN_BLOCK));
    int depthBlock = Math.max(1, Math.ceilDiv(shape.depth(), depthBlocks));
    return new GemmCut(shape, batch, strips, panels, packsAhead, groups, depthBlock);
  }

  /// The blocks of strips, one of which a task has.
  Shares blocks(int threads) {
    int least = Math.ceilDiv(LEAST_ROWS_IN_BLOCK, strips.highRows());
    int most = Math.ceilDiv(MOST_ROWS_IN_BLOCK, strips.highRows());
    return packsAhead
        ? Shares.of(strips.count(), least, most, threads)
        : Shares.of(strips.count(), Math.max(1, strips.count()), strips.count(), threads);
  }

  boolean isEmpty() {
    return shape.rows() == 0 || shape.columns() == 0;
  }

  int depthBlocks() {
    return Math.max(1, Math.ceilDiv(shape.depth(), depthBlock));
  }

  /// First panel of a group.
  int firstPanel(int panelGroup) {
    return (int) ((long) panels * panelGroup / panelGroups);
  }

  /// The most panels that a task has.
  int panelsInGroup() {
    return Math.ceilDiv(panels, panelGroups);
  }

  /// Bytes of a whole matrix in panels.
  long packedBytes(Tiles tiles) {
    return panels * tiles.panelStride() * shape.depth();
  }
}
