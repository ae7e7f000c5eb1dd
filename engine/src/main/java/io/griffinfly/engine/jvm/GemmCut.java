package io.griffinfly.engine.jvm;

/// How a matrix product is cut into tasks, and which operands are packed when. Pure arithmetic on
/// the shape: it does not know the number of threads, and no sum depends on it but through
/// `depthBlock`, which depends on the depth alone.
///
/// @param shape extents of the product
/// @param batch number of products
/// @param strips the cut of the rows
/// @param panels number of panels
/// @param rowBlocks blocks of strips; a task has one
/// @param panelGroups groups of panels; a task has one
/// @param depthBlock terms summed before the partial sums are put aside
/// @param leftAhead whether the left operand is packed whole by a kernel before; otherwise each
///   task packs the rows it needs
/// @param rightAhead the same for panels of the right operand
record GemmCut(
    GemmShape shape,
    int batch,
    Strips strips,
    int panels,
    int rowBlocks,
    int panelGroups,
    int depthBlock,
    boolean leftAhead,
    boolean rightAhead) {

  /// A block of rows and as many terms as this stay in L2 (256 KB of 512) while panels pass by.
  private static final int ROWS_IN_BLOCK = 128;

  private static final int DEPTH_IN_BLOCK = 512;

  /// A task lasts about 20 us on one core: long against claiming it (0.1 us), short against waiting
  /// for the last one.
  private static final double TASK_FLOPS = 2e6;

  private static final double TASK_BYTES = 300e3;

  /// Above this, packing the left operand ahead costs a trip to memory and back.
  private static final long LEFT_AHEAD_BYTES = 8L << 20;

  /// The cut for operands that come unpacked, or with the right one in panels already.
  static GemmCut of(Tiles tiles, GemmShape shape, int batch, boolean rightPacked) {
    Strips strips = Strips.of(shape.rows(), tiles.high().rows(), tiles.low().rows());
    int panels = tiles.panels(shape.columns());
    int rowBlocks = Math.max(1, Math.round(shape.rows() / (float) ROWS_IN_BLOCK));
    boolean few = strips.count() == 1;
    long leftBytes = (long) strips.paddedRows() * shape.depth() * Float.BYTES;
    boolean huge = leftBytes > LEFT_AHEAD_BYTES && (long) panels * tiles.panel() * 8 < shape.rows();
    boolean leftAhead = !few && !huge;
    boolean rightAhead = !rightPacked && (huge || rowBlocks > 1);
    int groups = huge ? 1 : groups(tiles, shape, panels, rowBlocks);
    int depthBlocks = Math.max(1, Math.round(shape.depth() / (float) DEPTH_IN_BLOCK));
    int depthBlock = Math.max(1, Math.ceilDiv(shape.depth(), depthBlocks));
    return new GemmCut(
        shape, batch, strips, panels, rowBlocks, groups, depthBlock, leftAhead, rightAhead);
  }

  private static int groups(Tiles tiles, GemmShape shape, int panels, int rowBlocks) {
    double panelFlops = 2.0 * shape.rows() / rowBlocks * tiles.panel() * shape.depth();
    double panelBytes = (double) tiles.panel() * shape.depth() * Float.BYTES;
    double tasks = panels * Math.max(panelFlops / TASK_FLOPS, panelBytes / TASK_BYTES);
    return (int) Math.clamp(Math.ceil(tasks), 1, Math.max(1, panels));
  }

  int tasks() {
    return shape.rows() == 0 || shape.columns() == 0 ? 0 : batch * rowBlocks * panelGroups;
  }

  int depthBlocks() {
    return Math.max(1, Math.ceilDiv(shape.depth(), depthBlock));
  }

  /// First strip of a block of rows.
  int firstStrip(int rowBlock) {
    return (int) ((long) strips.count() * rowBlock / rowBlocks);
  }

  /// First panel of a group.
  int firstPanel(int panelGroup) {
    return (int) ((long) panels * panelGroup / panelGroups);
  }

  private int stripsInBlock() {
    return Math.ceilDiv(strips.count(), rowBlocks);
  }

  int panelsInGroup() {
    return Math.ceilDiv(panels, panelGroups);
  }

  /// Bytes of a packed left matrix.
  long leftBytes() {
    return (long) strips.paddedRows() * shape.depth() * Float.BYTES;
  }

  /// Bytes of a right matrix in panels.
  long rightBytes(Tiles tiles) {
    return panels * tiles.tileStride() * shape.depth();
  }

  /// Bytes that a task uses for rows it packs.
  long blockBytes(Tiles tiles) {
    return leftAhead ? 0 : (long) stripsInBlock() * tiles.high().rows() * depthBlock * Float.BYTES;
  }

  /// Bytes that a task uses for a panel it packs.
  long panelBytes(Tiles tiles) {
    return tiles.tileStride() * depthBlock;
  }

  /// Bytes that a task uses for partial sums.
  long partialBytes(Tiles tiles) {
    return depthBlocks() == 1 ? 0 : stripsInBlock() * tiles.tileBytes() * panelsInGroup();
  }
}
