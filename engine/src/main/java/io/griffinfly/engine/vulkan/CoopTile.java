package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// How a product is cut up for the matrix units of workgroups.
///
/// @param rows of a workgroup's tile
/// @param columns of a workgroup's tile
/// @param depth that is multiplied at a time
/// @param lanes of a workgroup
/// @param splits parts of the depth that different workgroups sum
record CoopTile(int rows, int columns, int depth, int lanes, int splits) {
  /// Rows, columns, largest depth and lanes: the best of a sweep over the products of SmolLM2 on an
  /// H100 (`ProductSweep` of the tests).
  private static final List<CoopTile> SHAPES =
      List.of(
          new CoopTile(32, 32, 192, 128, 1),
          new CoopTile(64, 64, 192, 128, 1),
          new CoopTile(128, 64, 96, 256, 1),
          new CoopTile(128, 128, 96, 256, 1));

  /// A part of the depth in one step, where rows of both operands lie along it: SmolLM2's widest
  /// product and the norm that adds up its parts took 0.9 to 2 us less on an H200 than in the tiles
  /// above; in four parts of 192 depths, with as many lanes, 0.7 us more than in this one.
  private static final CoopTile PART = new CoopTile(64, 64, 256, 256, 1);

  private static final List<Integer> SPLITS = List.of(1, 2, 4, 8, 16, 32, 64);

  /// Deepest step but where rows of both operands lie along the depth and are read to their end:
  /// there 192 saves a quarter of the time when the weights come from memory, elsewhere it costs as
  /// much.
  private static final int SHALLOW = 96;

  /// Fewest depths of a part: a workgroup that sums less mostly starts and ends. SmolLM2's widest
  /// product and the norm that adds up its parts took 11.9 us in parts of 192, 10.5 of 384.
  private static final int MIN_PART = 384;

  /// Bytes a microsecond that a workgroup reads on an H100, and that its processor reads for all of
  /// its workgroups together.
  private static final double GROUP_BYTES = 37_000;

  private static final double UNIT_BYTES = 48_000;

  /// What a workgroup reads where the operands are not in that cache.
  private static final double COLD_GROUP_BYTES = 12_000;

  /// Operands of which this much is read from memory: most of the cache of an H100.
  private static final double COLD_BYTES = 30e6;

  /// Microseconds from the start of a workgroup to its first product, and to its last store.
  private static final double START_MICROS = 1.05;

  /// Microseconds that a second stage takes behind the first, and what a partial sum adds to both.
  private static final double STAGE_MICROS = 2.3;

  private static final double SLAB_MICROS = 1e-6;

  /// Operations a microsecond of one processor of an H100 in tiles without an end.
  private static final double UNIT_FLOPS = 1.5e6;

  /// The best for a product; empty if a device has no matrix units for workgroups.
  static Optional<CoopTile> best(Product product, DeviceProfile.Gpu gpu) {
    return tiles(product, gpu).min(Comparator.comparingDouble(tile -> tile.micros(product, gpu)));
  }

  /// The same, if it sums the whole depth.
  static Optional<CoopTile> bestWhole(Product product, DeviceProfile.Gpu gpu) {
    return best(product, gpu).filter(tile -> tile.splits == 1);
  }

  /// The best where a tile has the sums of two products of one left operand. SmolLM2's gate took
  /// 9.04 us on an H100 in this one; 9.5 by 128 lanes, 11.1 in steps of 288, 12.5 with 32 rows, and
  /// 11.3 with 64 columns.
  static Optional<CoopTile> ofPairs(Product product, DeviceProfile.Gpu gpu) {
    return Optional.of(new CoopTile(64, 32, 192, 256, 1))
        .filter(tile -> tile.runsOn(gpu))
        .map(tile -> tile.withDepth(product.depth(0), tile.depth));
  }

  /// The tile of columns of which those half a head behind are taken along. SmolLM2's queries, keys
  /// and values took 7.4 us on an H100 by 128 lanes in steps of 288; 8.0 in steps of 192, 9.3 with
  /// 64 rows, 11 in steps of 96. All 576 depths at once by 256 lanes take another 0.5 us less on an
  /// H200, by 128 lanes 2 us more.
  static Optional<CoopTile> ofHeads(Product product, int headSize, DeviceProfile.Gpu gpu) {
    int padded = Math.ceilDiv(product.depth(0), 16) * 16;
    int half = headSize / 2;
    return Stream.of(new CoopTile(32, half, 576, 256, 1), new CoopTile(32, half, 288, 128, 1))
        .filter(tile -> tile.runsOn(gpu))
        .findFirst()
        .map(tile ->
            padded <= tile.depth
                ? new CoopTile(tile.rows, tile.columns, padded, tile.lanes, 1)
                : tile.withDepth(padded, tile.depth));
  }

  /// The same with twice the columns.
  CoopTile doubled() {
    return new CoopTile(rows, 2 * columns, depth, lanes, splits);
  }

  /// The best where a second stage follows in any case.
  static Optional<CoopTile> bestOfParts(Product product, DeviceProfile.Gpu gpu) {
    return Stream.concat(tiles(product, gpu), inParts(product, gpu))
        .min(Comparator.comparingDouble(tile -> tile.sumMicros(product, gpu)));
  }

  private static Stream<CoopTile> tiles(Product product, DeviceProfile.Gpu gpu) {
    return SHAPES.stream().filter(tile -> tile.runsOn(gpu)).flatMap(tile -> tile.cut(product));
  }

  private static Stream<CoopTile> inParts(Product product, DeviceProfile.Gpu gpu) {
    int depth = product.depth(0);
    int parts = depth / PART.depth;
    return parts > 1
            && parts <= SPLITS.getLast()
            && depth % PART.depth == 0
            && isAlongDepth(product)
            && PART.runsOn(gpu)
        ? Stream.of(new CoopTile(PART.rows, PART.columns, PART.depth, PART.lanes, parts))
        : Stream.empty();
  }

  /// Whether rows of both operands lie along the depth.
  private static boolean isAlongDepth(Product product) {
    return product.leftDepthStride(0) == 1 && product.rightDepthStride(0) == 1;
  }

  private boolean runsOn(DeviceProfile.Gpu gpu) {
    return multiplies(gpu, lanes, rows, columns);
  }

  /// Whether workgroups multiply halves of some rows and columns, 16 deep, or of multiples of them.
  static boolean multiplies(DeviceProfile.Gpu gpu, int lanes, int rows, int columns) {
    return gpu.coopShapes().stream()
        .anyMatch(shape ->
            shape.scope() == CoopShape.Scope.WORKGROUP
                && shape.operands() == DType.F16
                && shape.sums() == DType.F32
                && shape.lanes() == lanes
                && rows % shape.m() == 0
                && columns % shape.n() == 0
                && 16 % shape.k() == 0);
  }

  /// The same with the largest depth that divides a product's into two whole steps or more; where
  /// none does, the last step reads zeros behind the end.
  private CoopTile withDepth(int productDepth, int deepest) {
    int padded = Math.ceilDiv(productDepth, 16) * 16;
    int best =
        IntStream.iterate(Math.min(depth, deepest), d -> d >= 64, d -> d - 16)
            .filter(d -> padded % d == 0 && padded > d)
            .findFirst()
            .orElse(Math.min(padded, 64));
    return new CoopTile(rows, columns, Math.min(best, padded), lanes, splits);
  }

  private Stream<CoopTile> cut(Product product) {
    boolean rowsOfBoth = isAlongDepth(product);
    return SPLITS.stream()
        .map(parts -> new CoopTile(rows, columns, depth, lanes, parts))
        .map(tile ->
            tile.withDepth(product.depth(0), rowsOfBoth && tile.splits == 1 ? depth : SHALLOW))
        .filter(tile -> tile.splits == 1 || tile.isDeepEnough(product.depth(0)));
  }

  private boolean isDeepEnough(int productDepth) {
    int steps = Math.ceilDiv(productDepth, depth);
    return steps % splits == 0 && steps / splits * depth >= MIN_PART;
  }

  /// Steps of a workgroup.
  int steps(Product product) {
    return Math.ceilDiv(Math.ceilDiv(product.depth(0), depth), splits);
  }

  /// Tiles of one matrix of a product.
  long tiles(Product product) {
    return (long) Math.ceilDiv(product.m(), rows) * Math.ceilDiv(product.n(), columns);
  }

  private static long matrices(Product product) {
    return product.batch().stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
  }

  private static double groupBytes(Product product) {
    double operands = product.left().type().bytes() + product.right().type().bytes();
    return operands > COLD_BYTES ? COLD_GROUP_BYTES : GROUP_BYTES;
  }

  /// Predicted microseconds behind the launch, a second stage and its launch among them.
  double micros(Product product, DeviceProfile.Gpu gpu) {
    return sumMicros(product, gpu) + (splits > 1 ? STAGE_MICROS : 0);
  }

  /// The same of the first stage, with what partial sums add to the second.
  double sumMicros(Product product, DeviceProfile.Gpu gpu) {
    double groups = tiles(product) * matrices(product) * splits;
    double depths = (double) steps(product) * depth;
    double bytes = (rows + columns) * depths * Short.BYTES;
    double flops = 2.0 * rows * columns * depths;
    // Small tiles wait for their operands: 0.75, 1.1 and 1.3 TFLOP/s at 32, 64 and 128.
    double rate = UNIT_FLOPS * (1 - 16 / Math.sqrt((double) rows * columns));
    double turns = Math.max(1, groups / gpu.processors());
    double slabs = (double) splits * product.m() * product.n() * matrices(product);
    return START_MICROS
        + Math.max(bytes / groupBytes(product), turns * Math.max(bytes / UNIT_BYTES, flops / rate))
        + (splits > 1 ? slabs * SLAB_MICROS : 0);
  }
}
