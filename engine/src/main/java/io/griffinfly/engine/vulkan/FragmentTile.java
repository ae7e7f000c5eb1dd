package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// How a product is cut up for the matrix units of subgroups.
///
/// @param shape what a subgroup multiplies at once
/// @param subgroupSize lanes of a subgroup
/// @param rows of a workgroup's tile
/// @param columns of a workgroup's tile
/// @param depth that is in shared memory at a time
/// @param rowGroups subgroups that share the tile's rows
/// @param columnGroups subgroups that share its columns
/// @param depthGroups subgroups that share its depth, each with sums of its own
/// @param splits parts of the depth that different workgroups sum
record FragmentTile(
    CoopShape shape,
    int subgroupSize,
    int rows,
    int columns,
    int depth,
    int rowGroups,
    int columnGroups,
    int depthGroups,
    int splits) {
  /// Rows, columns and depth in fragments.
  private record Cut(
      int rows, int columns, int depth, int rowGroups, int columnGroups, int depthGroups) {}

  /// Small tiles, whose depth the subgroups share, for products that are over before they have
  /// filled the device; large ones, which read less, for the others. In fragments, because a lane's
  /// part of one takes as many registers on every device: an H100, for which these were measured,
  /// has 16x16x16 on 32 lanes, lavapipe 8x8x8 on eight.
  private static final List<Cut> CUTS =
      List.of(
          new Cut(2, 2, 12, 1, 1, 4),
          new Cut(2, 4, 8, 1, 2, 2),
          new Cut(4, 2, 8, 2, 1, 2),
          new Cut(4, 4, 8, 2, 2, 1),
          new Cut(8, 4, 4, 4, 2, 1),
          new Cut(8, 8, 4, 4, 2, 1));

  private static final List<Integer> SPLITS = List.of(1, 2, 4, 8, 16, 32, 64);

  /// Fewest depths of a part: a workgroup that sums less mostly starts and ends.
  private static final int MIN_PART = 192;

  /// Bytes a microsecond that one processor of an H100 reads from the second-level cache.
  private static final double UNIT_BYTES = 42_000;

  /// Operations a microsecond of one processor in such kernels.
  private static final double UNIT_FLOPS = 1.4e6;

  /// Microseconds from the start of a workgroup to its first product, and to its last store.
  private static final double START_MICROS = 1.4;

  /// Microseconds that a depth in shared memory takes besides, for two barriers.
  private static final double STEP_MICROS = 0.3;

  /// Microseconds that a second stage takes behind the first, and for each partial sum.
  private static final double STAGE_MICROS = 2.3;

  private static final double SLAB_MICROS = 1e-6;

  /// The largest shape that a device's subgroups multiply, if they do: 16x16x16 on most GPUs,
  /// 8x16x16 on some of Intel's, 8x8x8 on a lavapipe that stands for a GPU. Extents are multiples
  /// of the eight halves of a group in memory.
  static Optional<CoopShape> shape(DeviceProfile.Gpu gpu) {
    return gpu.subgroupSize() == 0 || gpu.onCpu()
        ? Optional.empty()
        : gpu.coopShapes().stream()
            .filter(shape ->
                shape.scope() == CoopShape.Scope.SUBGROUP
                    && shape.operands() == DType.F16
                    && shape.sums() == DType.F32
                    && shape.m() % 8 == 0
                    && shape.n() % 8 == 0
                    && shape.k() % 8 == 0)
            .max(Comparator.comparingInt(shape -> shape.m() * shape.n() * shape.k()));
  }

  /// The best for a product; empty if a device has no matrix units for subgroups.
  static Optional<FragmentTile> best(Product product, DeviceProfile.Gpu gpu) {
    return whole(gpu).stream()
        .flatMap(tile -> tile.split(product))
        .min(Comparator.comparingDouble(tile -> tile.micros(product, gpu)));
  }

  /// Those that run on a device, whose workgroups sum the whole depth.
  static List<FragmentTile> whole(DeviceProfile.Gpu gpu) {
    return shape(gpu).stream()
        .flatMap(shape -> CUTS.stream().map(cut -> of(shape, gpu.subgroupSize(), cut)))
        .filter(tile -> tile.runsOn(gpu))
        .toList();
  }

  private static FragmentTile of(CoopShape shape, int subgroupSize, Cut cut) {
    return new FragmentTile(
        shape,
        subgroupSize,
        cut.rows * shape.m(),
        cut.columns * shape.n(),
        cut.depth * shape.k(),
        cut.rowGroups,
        cut.columnGroups,
        cut.depthGroups,
        1);
  }

  /// The type of a fragment.
  static String fragment(String type, int rows, int columns, String use) {
    String extents = rows + ", " + columns;
    return "coopmat<" + type + ", gl_ScopeSubgroup, " + extents + ", gl_MatrixUse" + use + ">";
  }

  /// The name of a fragment of a subgroup's sums.
  static String sum(int row, int column) {
    return "sum" + row + "_" + column;
  }

  /// Lanes of a workgroup.
  int lanes() {
    return subgroupSize * rowGroups * columnGroups * depthGroups;
  }

  /// Shared memory, in units of 16 bytes.
  int scratch() {
    int staged = operand(rows) + operand(columns);
    return Math.max(staged, depthGroups * finishedRows() * pitch());
  }

  /// Room for an operand in either order, in units of 16 bytes.
  private int operand(int lines) {
    return Math.max(lines * (depth / 8 + 1), depth * (lines / 8 + 1));
  }

  /// From row to row of finished sums, in units of 16 bytes: one more than needed, so that columns
  /// lie in different banks.
  int pitch() {
    return columns / 4 + 1;
  }

  /// Rows of fragments of a subgroup.
  int fragmentRows() {
    return rows / rowGroups / shape.m();
  }

  /// Columns of fragments of a subgroup.
  int fragmentColumns() {
    return columns / columnGroups / shape.n();
  }

  /// Rows of the tile that are in shared memory together when they are finished.
  int finishedRows() {
    return rows * columns <= 64 * 64 ? rows : rowGroups * shape.m();
  }

  private boolean runsOn(DeviceProfile.Gpu gpu) {
    return lanes() <= gpu.workgroupLanes() && scratch() * 16 <= gpu.sharedBytes();
  }

  /// The same with the depth of a product in all numbers of parts that suit it.
  Stream<FragmentTile> split(Product product) {
    int all = Math.ceilDiv(product.depth(0), depth);
    return SPLITS.stream()
        .filter(parts -> parts == 1 || (all % parts == 0 && all / parts * depth >= MIN_PART))
        .map(parts ->
            new FragmentTile(
                shape,
                subgroupSize,
                rows,
                columns,
                depth,
                rowGroups,
                columnGroups,
                depthGroups,
                parts));
  }

  /// Depths, one after the other, of a workgroup.
  int steps(Product product) {
    return Math.ceilDiv(Math.ceilDiv(product.depth(0), depth), splits);
  }

  /// Predicted microseconds behind the launch, a second stage and its launch among them.
  double micros(Product product, DeviceProfile.Gpu gpu) {
    long matrices =
        product.batch().stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    double groups =
        (double) Math.ceilDiv(product.m(), rows)
            * Math.ceilDiv(product.n(), columns)
            * matrices
            * splits;
    double depths = (double) steps(product) * depth;
    double bytes = (rows + columns) * depths * Short.BYTES;
    double flops = 2.0 * rows * columns * depths;
    double turns = Math.max(1, groups / gpu.processors());
    double micros =
        START_MICROS
            + STEP_MICROS * steps(product)
            + turns * Math.max(bytes / UNIT_BYTES, flops / UNIT_FLOPS);
    if (splits > 1) {
      double slabs = (double) splits * product.m() * product.n() * matrices;
      micros += STAGE_MICROS + slabs * SLAB_MICROS;
    }
    return micros;
  }
}
