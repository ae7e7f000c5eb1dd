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

  /// A task of 512 KB lasts about 20 us. Shorter ones begin new streams too often, longer ones
  /// leave threads waiting for the last: one token of SmolLM2 took 15.2, 12.4, 10.2 and 15.6 ms
  /// with tasks of 48, 192, 512 KB and 2 MB.
  private static final long MOST_TASK_BYTES = 512 << 10;

  private static final long LEAST_TASK_BYTES = 32 << 10;

  private final GemmShape shape;
  private final Matrix left;
  private final Matrix weight;
  private final Epilogue epilogue;
  private final Shares shares;
  private final long sumsStride;
  private final long foldAt;
  private final long blockAt;

  /// Binds the kernel.
  ///
  /// @param shape extents that [#accepts]
  /// @param left `[rows, depth]`, contiguous along the depth
  /// @param right `[depth, columns]`, contiguous along the depth
  /// @param epilogue what is done to finished sums
  /// @param threads that will take tasks; the result does not depend on it
  RowProduct(GemmShape shape, Matrix left, Matrix right, Epilogue epilogue, int threads) {
    this.shape = shape;
    this.left = left;
    this.weight = right.transposed();
    this.epilogue = epilogue;
    long rowBytes = Math.max(1, (long) shape.depth() * Float.BYTES);
    shares =
        Shares.of(
            shape.columns(),
            Math.toIntExact(Math.max(1, LEAST_TASK_BYTES / rowBytes)),
            Math.toIntExact(Math.max(1, MOST_TASK_BYTES / rowBytes)),
            threads);
    sumsStride = Memory.aligned((long) shares.most() * Float.BYTES);
    foldAt = shape.rows() * sumsStride;
    blockAt = Memory.aligned(foldAt + RowDots.SCRATCH_BYTES);
  }

  /// Whether a product has extents that suit.
  static boolean accepts(GemmShape shape) {
    return shape.rows() > 0 && shape.rows() <= MOST_ROWS && shape.columns() > 0;
  }

  @Override
  public int tasks() {
    return left.batch() * shares.count();
  }

  @Override
  public long scratchBytes() {
    return blockAt + epilogue.blockBytes();
  }

  @Override
  public void run(int task, long scratch) {
    int batch = task / shares.count();
    int part = task % shares.count();
    int first = shares.first(part);
    int columns = shares.size(part);
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
