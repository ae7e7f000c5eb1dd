package io.griffinfly.engine.jvm;

import java.util.ArrayList;
import java.util.List;

/// Products of matrices of f32: `result = left x right` for each member of a batch, in every
/// combination of transposed operands, with an epilogue.
///
/// A right operand whose columns are contiguous along the depth (a weight stored `[columns,
/// depth]`) would have to be transposed to be packed. Where that is more work than transposing the
/// left operand and the result, the transposed product is computed: the weight's rows are then read
/// where they lie.
///
/// Sums are taken in ascending order of the terms, in blocks of about 512 that are added in
/// ascending order: the bits of the result depend on the shape's depth alone, not on the rows, the
/// columns, the batch or the number of threads.
final class MatrixProduct {
  private final Tiles tiles;
  private final boolean turned;
  private final GemmCut cut;

  private MatrixProduct(Tiles tiles, boolean turned, GemmCut cut) {
    this.tiles = tiles;
    this.turned = turned;
    this.cut = cut;
  }

  /// The way to compute a product.
  ///
  /// @param tiles code for the pieces
  /// @param shape extents
  /// @param batch number of products
  /// @param rightAlongDepth whether the right operand is contiguous along the depth and not along
  ///   the columns
  static MatrixProduct of(Tiles tiles, GemmShape shape, int batch, boolean rightAlongDepth) {
    long packed = (long) shape.columns() * shape.depth();
    long moved = (long) shape.rows() * (shape.columns() + (long) shape.depth());
    boolean turned = rightAlongDepth && moved < packed;
    GemmShape computed = turned ? shape.transposed() : shape;
    return new MatrixProduct(tiles, turned, GemmCut.of(tiles, computed, batch));
  }

  /// Operations of one product, those on padding included.
  double paddedFlops() {
    GemmShape shape = cut.shape();
    double columns = (double) cut.panels() * tiles.panel();
    return 2.0 * cut.strips().paddedRows() * columns * shape.depth();
  }

  /// Memory that the kernels share while they run one after the other.
  long workspaceBytes() {
    return cut.packsAhead() ? cut.batch() * Memory.aligned(cut.packedBytes(tiles)) : 0;
  }

  /// Binds the product.
  ///
  /// @param left `[rows, depth]`
  /// @param right `[depth, columns]`
  /// @param epilogue what is done to finished tiles
  /// @param workspace address of [#workspaceBytes()] bytes, aligned to a cache line
  /// @param threads that will take tasks; the result does not depend on it
  /// @return kernels to run in this order
  List<Kernel> bind(Matrix left, Matrix right, Epilogue epilogue, long workspace, int threads) {
    Matrix rows = turned ? right.transposed() : left;
    Matrix columns = turned ? left.transposed() : right;
    List<Kernel> kernels = new ArrayList<>();
    long[] panels = {};
    if (cut.packsAhead()) {
      long[] sources = columns.distinct();
      long[] targets = new long[sources.length];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = workspace + i * Memory.aligned(cut.packedBytes(tiles));
      }
      kernels.add(new PackKernel(tiles, cut.shape(), columns, sources, targets));
      panels = columns.spread(targets);
    }
    kernels.add(new Gemm(tiles, cut, threads, rows, columns, panels, turned, epilogue));
    return List.copyOf(kernels);
  }
}
