package io.griffinfly.engine.jvm;

/// How a matrix product is cut into tasks. Pure arithmetic on the shape: it does not know the
/// number of threads, and no sum depends on it but through `depthBlock`, which depends on the depth
/// alone.
///
/// @param shape extents of the product as it is computed
/// @param batch number of products
/// @param strips the cut of the rows
/// @param panels number of panels
/// @param rowBlocks blocks of strips; a task has one
/// @param panelGroups groups of panels; a task has one
/// @param depthBlock terms summed in registers before they are added to the sums of those before
record GemmCut(
    GemmShape shape,
    int batch,
    Strips strips,
    int panels,
    int rowBlocks,
    int panelGroups,
    int depthBlock) {

  /// Up to so many rows a task takes all of them and packs its panels itself: they are used often
  /// enough to pay for it.
  private static final int ROWS_OF_ONE_BLOCK = 128;

  /// Rows of a block where there are more: half a panel and more of AVX-512, so that finished tiles
  /// are stored in whole cache lines, and small enough for blocks to spread over many threads.
  private static final int ROWS_IN_BLOCK = 32;

  private static final int FEW_BLOCKS = 24;

  /// Columns of a task where panels are packed before: the sums of 32 x 128 are 16 KB.
  private static final int COLUMNS_IN_GROUP = 128;

  private static final int DEPTH_IN_BLOCK = 512;

  static GemmCut of(Tiles tiles, GemmShape shape, int batch) {
    Strips strips = tiles.strips(shape.rows());
    int panels = tiles.panels(shape.columns());
    boolean one = shape.rows() <= ROWS_OF_ONE_BLOCK && panels > 1;
    int inBlock = shape.rows() / ROWS_IN_BLOCK < FEW_BLOCKS ? ROWS_IN_BLOCK / 2 : ROWS_IN_BLOCK;
    int rowBlocks = one ? 1 : Math.clamp(shape.rows() / inBlock, 1, Math.max(1, strips.count()));
    int inGroup = one ? 1 : Math.max(1, COLUMNS_IN_GROUP / tiles.panel());
    int groups = Math.max(1, Math.ceilDiv(panels, inGroup));
    int depthBlocks = Math.max(1, Math.round(shape.depth() / (float) DEPTH_IN_BLOCK));
    int depthBlock = Math.max(1, Math.ceilDiv(shape.depth(), depthBlocks));
    return new GemmCut(shape, batch, strips, panels, rowBlocks, groups, depthBlock);
  }

  int tasks() {
    return shape.rows() == 0 || shape.columns() == 0 ? 0 : batch * rowBlocks * panelGroups;
  }

  int depthBlocks() {
    return Math.max(1, Math.ceilDiv(shape.depth(), depthBlock));
  }

  /// Whether panels are packed by a kernel before, because several tasks read each.
  boolean packsAhead() {
    return rowBlocks > 1;
  }

  /// First strip of a block of rows.
  int firstStrip(int rowBlock) {
    return (int) ((long) strips.count() * rowBlock / rowBlocks);
  }

  /// First panel of a group.
  int firstPanel(int panelGroup) {
    return (int) ((long) panels * panelGroup / panelGroups);
  }

  /// The most rows that a task has, those that pad its last strip included.
  int rowsInBlock() {
    int most = 0;
    for (int block = 0; block < rowBlocks; block++) {
      most = Math.max(most, strips.start(firstStrip(block + 1)) - strips.start(firstStrip(block)));
    }
    return most;
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
