package io.griffinfly.engine.jvm;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Products of matrices of f32: `result = left x right` for each member of a batch, in every
/// combination of transposed operands, with an epilogue.
///
/// An instance is the plan for one shape; binding it to memory gives kernels that run one after the
/// other. Sums are taken in ascending order of the terms, in blocks of about 512 that are added in
/// ascending order: the bits of the result depend on the shape's depth alone, not on the rows, the
/// columns, the batch or the number of threads.
public final class MatrixProduct {
  private final Tiles tiles;
  private final GemmCut cut;
  private final int batch;
  private final boolean rightPacked;

  private MatrixProduct(Tiles tiles, GemmShape shape, int batch, boolean rightPacked) {
    this.tiles = tiles;
    this.batch = batch;
    this.rightPacked = rightPacked;
    this.cut = GemmCut.of(tiles, shape, batch, rightPacked);
  }

  /// A product of strided operands.
  ///
  /// @param tiles code for the pieces
  /// @param shape extents
  /// @param batch number of products
  /// @return the plan
  static MatrixProduct of(Tiles tiles, GemmShape shape, int batch) {
    return new MatrixProduct(tiles, shape, batch, false);
  }

  /// A product by a right operand in panels, shared by the batch.
  ///
  /// @param tiles code for the pieces
  /// @param shape extents
  /// @param batch number of products
  /// @return the plan
  static MatrixProduct byPanels(Tiles tiles, GemmShape shape, int batch) {
    return new MatrixProduct(tiles, shape, batch, true);
  }

  /// Memory that the kernels share while they run one after the other.
  ///
  /// @return bytes, 0 or more
  public long workspaceBytes() {
    return batch * (leftAheadBytes() + rightAheadBytes());
  }

  private long leftAheadBytes() {
    return cut.leftAhead() ? aligned(cut.leftBytes()) : 0;
  }

  private long rightAheadBytes() {
    return cut.rightAhead() ? aligned(cut.rightBytes(tiles)) : 0;
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, Memory.ALIGNMENT) * Memory.ALIGNMENT;
  }

  /// Binds a product of strided operands.
  ///
  /// @param left `[rows, depth]`, one or one a product
  /// @param right `[depth, columns]`, one or one a product
  /// @param result `[rows, columns]`, columns contiguous, one a product
  /// @param epilogue what is done to finished tiles
  /// @param workspace [#workspaceBytes()] bytes, aligned to 64
  /// @return kernels to run in this order
  public List<Kernel> bind(
      Matrix left, Matrix right, Matrix result, Epilogue epilogue, MemorySegment workspace) {
    if (rightPacked) {
      throw new IllegalStateException("this product takes its right operand in panels");
    }
    int depth = cut.shape().depth();
    int columns = cut.shape().columns();
    long space = Memory.address(workspace, 0, workspaceBytes());
    List<Kernel> kernels = new ArrayList<>();
    GemmOperand packedLeft = bindLeft(left, space, kernels);
    GemmOperand strided =
        GemmOperand.strided(
            spread(right.addresses(depth, columns), "right"),
            right.columnBytes(),
            right.rowBytes());
    GemmOperand ready = strided;
    if (cut.rightAhead()) {
      GemmOperand.Distinct distinct = strided.distinct();
      long[] targets =
          targets(space + batch * leftAheadBytes(), rightAheadBytes(), distinct.count());
      kernels.add(packColumns(tiles, distinct.operand(), targets, columns, depth));
      ready = GemmOperand.packed(distinct.spread(targets));
    }
    kernels.add(product(packedLeft, ready, result, epilogue));
    return List.copyOf(kernels);
  }

  /// Binds a product by panels.
  ///
  /// @param left `[rows, depth]`, one or one a product
  /// @param right made by [#pack] from `[depth, columns]`
  /// @param result `[rows, columns]`, columns contiguous, one a product
  /// @param epilogue what is done to finished tiles
  /// @param workspace [#workspaceBytes()] bytes, aligned to 64
  /// @return kernels to run in this order
  public List<Kernel> bind(
      Matrix left, Panels right, Matrix result, Epilogue epilogue, MemorySegment workspace) {
    if (!rightPacked) {
      throw new IllegalStateException("this product takes a strided right operand");
    }
    long space = Memory.address(workspace, 0, workspaceBytes());
    List<Kernel> kernels = new ArrayList<>();
    GemmOperand packedLeft = bindLeft(left, space, kernels);
    long panels = Memory.address(right.memory(), right.offset(), cut.rightBytes(tiles));
    GemmOperand ready = GemmOperand.packed(spread(new long[] {panels}, "right"));
    kernels.add(product(packedLeft, ready, result, epilogue));
    return List.copyOf(kernels);
  }

  private GemmOperand bindLeft(Matrix left, long space, List<Kernel> kernels) {
    int rows = cut.shape().rows();
    int depth = cut.shape().depth();
    GemmOperand strided =
        GemmOperand.strided(
            spread(left.addresses(rows, depth), "left"), left.rowBytes(), left.columnBytes());
    if (!cut.leftAhead()) {
      return strided;
    }
    GemmOperand.Distinct distinct = strided.distinct();
    long[] targets = targets(space, leftAheadBytes(), distinct.count());
    Strips strips = cut.strips();
    kernels.add(
        new PackKernel(
            tiles.packer(),
            distinct.operand(),
            targets,
            rows,
            depth,
            strips.count(),
            strips::start));
    return GemmOperand.packed(distinct.spread(targets));
  }

  private Kernel product(GemmOperand left, GemmOperand right, Matrix result, Epilogue epilogue) {
    long[] results = result.addresses(cut.shape().rows(), cut.shape().columns());
    if (results.length != batch) {
      throw new IllegalArgumentException(
          "a batch of " + batch + " products needs as many results, not " + results.length);
    }
    if (result.columnBytes() != Float.BYTES) {
      throw new IllegalArgumentException("the columns of a product's result must be contiguous");
    }
    return new Gemm(tiles, cut, left, right, results, result.rowBytes(), epilogue);
  }

  private long[] spread(long[] addresses, String side) {
    if (addresses.length == batch) {
      return addresses;
    }
    if (addresses.length != 1) {
      throw new IllegalArgumentException(
          "a batch of "
              + batch
              + " products needs 1 or as many "
              + side
              + " operands, not "
              + addresses.length);
    }
    long[] spread = new long[batch];
    Arrays.fill(spread, addresses[0]);
    return spread;
  }

  private static long[] targets(long first, long bytes, int count) {
    long[] targets = new long[count];
    for (int i = 0; i < count; i++) {
      targets[i] = first + i * bytes;
    }
    return targets;
  }

  /// Size of a right operand in panels.
  ///
  /// @param tiles code for the pieces
  /// @param columns columns of the operand
  /// @param depth rows of the operand
  /// @return bytes
  static long panelBytes(Tiles tiles, int columns, int depth) {
    return tiles.panels(columns) * tiles.tileStride() * depth;
  }

  /// A kernel that packs a right operand into panels; run again after the operand has changed.
  ///
  /// @param tiles code for the pieces
  /// @param right `[depth, columns]`; weights stored `[columns, depth]` come transposed
  /// @param columns columns of the operand
  /// @param depth rows of the operand
  /// @param target where the panels go
  /// @return the kernel
  static Kernel pack(Tiles tiles, Matrix right, int columns, int depth, Panels target) {
    long[] sources = right.addresses(depth, columns);
    if (sources.length != 1) {
      throw new IllegalArgumentException("panels hold one matrix, not " + sources.length);
    }
    long to = Memory.address(target.memory(), target.offset(), panelBytes(tiles, columns, depth));
    GemmOperand source = GemmOperand.strided(sources, right.columnBytes(), right.rowBytes());
    return packColumns(tiles, source, new long[] {to}, columns, depth);
  }

  private static Kernel packColumns(
      Tiles tiles, GemmOperand source, long[] targets, int columns, int depth) {
    int width = tiles.panel();
    return new PackKernel(
        tiles.packer(),
        source,
        targets,
        columns,
        depth,
        tiles.panels(columns),
        piece -> piece * width);
  }
}
