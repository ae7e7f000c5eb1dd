package io.griffinfly.engine.jvm;

/// Packs whole right operands into panels, for tasks that share them.
final class PackKernel implements Kernel {
  /// Elements that a task packs: about 10 us.
  private static final int TASK_ELEMENTS = 20_000;

  private final Tiles tiles;
  private final GemmShape shape;
  private final Matrix source;
  private final long[] sources;
  private final long[] targets;
  private final int panels;
  private final int tasksInMatrix;

  /// Binds the kernel.
  ///
  /// @param tiles code for the pieces
  /// @param shape extents of the product
  /// @param source `[depth, columns]`
  /// @param sources address of each matrix to pack
  /// @param targets where its panels go
  PackKernel(Tiles tiles, GemmShape shape, Matrix source, long[] sources, long[] targets) {
    this.tiles = tiles;
    this.shape = shape;
    this.source = source;
    this.sources = sources;
    this.targets = targets;
    this.panels = tiles.panels(shape.columns());
    long elements = (long) panels * tiles.panel() * shape.depth();
    this.tasksInMatrix = Math.clamp(elements / TASK_ELEMENTS, 1, Math.max(1, panels));
  }

  @Override
  public int tasks() {
    return panels == 0 || shape.depth() == 0 ? 0 : targets.length * tasksInMatrix;
  }

  @Override
  public void run(int task, long scratch) {
    int matrix = task / tasksInMatrix;
    int part = task % tasksInMatrix;
    int first = (int) ((long) panels * part / tasksInMatrix);
    int end = (int) ((long) panels * (part + 1) / tasksInMatrix);
    for (int panel = first; panel < end; panel++) {
      int column = panel * tiles.panel();
      tiles
          .packer()
          .pack(
              sources[matrix] + column * source.columnStride(),
              source.columnStride(),
              source.rowStride(),
              Math.min(tiles.panel(), shape.columns() - column),
              tiles.panel(),
              shape.depth(),
              targets[matrix] + panel * tiles.panelStride() * shape.depth());
    }
  }
}
