package io.griffinfly.engine.jvm;

/// Products of a few rows by a weight stored `[columns, depth]`, such as one token makes: every
/// element of the weight is read once, so memory decides the time. A task takes some rows of the
/// weight and has them meet every row of the left operand while they are in L1.
final class RowProduct implements Kernel {
  /// With more rows tiles are always faster.
  private static final int MOST_ROWS = 8;

  /// Against the tiles of [Gemm], which use an element of the weight from a register for many rows,
  /// while here it is loaded again for each: so that tiles, which compute 32 rows at least with
  /// AVX-512, are taken from 6 rows on, where they begin to win (docs/perf-history.md).
  static final double SLOWDOWN = 6;

  /// A task lasts about 20 us. Shorter ones begin new streams too often: one token of SmolLM2 took
  /// 15.2, 12.4 and 10.2 ms with tasks of 48, 192 and 512 KB, 15.6 with 2 MB.
  private static final long TASK_BYTES = 512 << 10;

  private final GemmShape shape;
  private final Matrix left;
  private final Matrix weight;
  private final Epilogue epilogue;
  private final int tasksInProduct;
  private final int[] firsts;
  private final long sumsStride;
  private final long foldAt;
  private final long blockAt;

  /// Binds the kernel.
  ///
  /// @param shape extents that [#accepts]
  /// @param left `[rows, depth]`, contiguous along the depth
  /// @param right `[depth, columns]`, contiguous along the depth
  /// @param epilogue what is done to finished sums
  RowProduct(GemmShape shape, Matrix left, Matrix right, Epilogue epilogue) {
    this.shape = shape;
    this.left = left;
    this.weight = right.transposed();
    this.epilogue = epilogue;
    long bytes = (long) shape.columns() * shape.depth() * Float.BYTES;
    firsts = cut(shape.columns(), (long) shape.depth() * Float.BYTES);
    int most = 0;
    for (int i = 0; i + 1 < firsts.length; i++) most = Math.max(most, firsts[i + 1] - firsts[i]);
    tasksInProduct = firsts.length - 1;
    sumsStride = Memory.aligned((long) most * Float.BYTES);
    foldAt = shape.rows() * sumsStride;
    blockAt = Memory.aligned(foldAt + RowDots.SCRATCH_BYTES);
  }

  /// Whether a product has extents that suit.
  static boolean accepts(GemmShape shape) {
    return shape.rows() > 0 && shape.rows() <= MOST_ROWS && shape.columns() > 0;
  }

  private static int[] cut(int columns, long rowBytes) {
    java.util.List<Integer> firsts = new java.util.ArrayList<>();
    int at = 0;
    while (at < columns) {
      firsts.add(at);
      long left = (columns - at) * rowBytes;
      long bytes = Math.clamp(left / 4, 32 << 10, TASK_BYTES);
      at += (int) Math.clamp(bytes / rowBytes, 1, columns - at);
    }
    firsts.add(columns);
    return firsts.stream().mapToInt(i -> i).toArray();
  }

  @Override
  public int tasks() {
    return left.batch() * tasksInProduct;
  }

  @Override
  public long scratchBytes() {
    return blockAt + epilogue.blockBytes();
  }

  @Override
  public void run(int task, long scratch) {
    int batch = task / tasksInProduct;
    int part = task % tasksInProduct;
    int first = firsts[part];
    int columns = firsts[part + 1] - first;
    long sums = scratch;
    for (int column = 0; column < columns; column++) {
      long address = weight.address(batch, first + column, 0);
      for (int row = 0; row < shape.rows(); row++) {
        float sum =
            RowDots.dot(address, left.address(batch, row, 0), shape.depth(), scratch + foldAt);
        Memory.store(sums + row * sumsStride + (long) column * Float.BYTES, sum);
      }
    }
    epilogue.apply(sums, sumsStride, batch, 0, first, shape.rows(), columns, scratch + blockAt);
  }
}
