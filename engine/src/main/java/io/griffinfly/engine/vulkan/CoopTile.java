package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import java.util.Comparator;
import java.util.List;
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
  /// Rows, columns, largest depth and lanes: the best of sweeps over the layers of SmolLM2 on an
  /// H200 and an H100. Deep steps pay where tiles are small; a tile of 128 by 128 has no registers
  /// left for more than 64.
  private static final List<CoopTile> SHAPES =
      List.of(
          new CoopTile(32, 32, 192, 128, 1),
          new CoopTile(64, 32, 192, 128, 1),
          new CoopTile(64, 64, 192, 128, 1),
          new CoopTile(128, 64, 96, 256, 1),
          new CoopTile(128, 128, 64, 256, 1));

  private static final List<Integer> SPLITS = List.of(1, 2, 4, 8, 16, 32, 64);

  /// Fewest depths of a part: a workgroup that sums less mostly starts and ends.
  private static final int MIN_PART = 192;

  /// Bytes a microsecond that one processor of an H200 reads from the second-level cache: 5.5 TB/s
  /// over 132. Tiles of small products are bound by it.
  private static final double UNIT_BYTES = 42_000;

  /// Operations a microsecond of one processor in such kernels: 181 TFLOP/s over 132.
  private static final double UNIT_FLOPS = 1.4e6;

  /// Microseconds from the start of a workgroup to its first product, and to its last store.
  private static final double START_MICROS = 1.05;

  /// Microseconds a partial sum of 4 bytes costs: written, and read by the stage that adds them.
  private static final double SLAB_MICROS = 4 / 1e6;

  /// The best for a product; empty if a device has no matrix units for workgroups.
  static java.util.Optional<CoopTile> best(Product product, DeviceProfile.Gpu gpu) {
    return SHAPES.stream()
        .filter(tile -> tile.runsOn(gpu))
        .map(tile -> tile.withDepth(product.depth(0)))
        .flatMap(tile -> tile.cut(product))
        .min(Comparator.comparingDouble(tile -> tile.micros(product, gpu)));
  }

  private boolean runsOn(DeviceProfile.Gpu gpu) {
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

  /// The same with the largest depth that divides a product's into whole steps of 16 or more; where
  /// none does, the last step reads zeros behind the end.
  private CoopTile withDepth(int productDepth) {
    int padded = Math.ceilDiv(productDepth, 16) * 16;
    int best =
        IntStream.iterate(depth, d -> d >= 64, d -> d - 16)
            .filter(d -> padded % d == 0 && padded > d)
            .findFirst()
            .orElse(Math.min(padded, 64));
    return new CoopTile(rows, columns, Math.min(best, padded), lanes, 1);
  }

  private Stream<CoopTile> cut(Product product) {
    int steps = Math.ceilDiv(product.depth(0), depth);
    return SPLITS.stream()
        .filter(parts -> parts == 1 || (steps % parts == 0 && steps / parts * depth >= MIN_PART))
        .map(parts -> new CoopTile(rows, columns, depth, lanes, parts));
  }

  /// Steps of a workgroup.
  int steps(Product product) {
    return Math.ceilDiv(Math.ceilDiv(product.depth(0), depth), splits);
  }

  /// Tiles of one matrix of a product.
  long tiles(Product product) {
    return (long) Math.ceilDiv(product.m(), rows) * Math.ceilDiv(product.n(), columns);
  }

  /// Predicted microseconds behind the launch, a second stage and its launch among them.
  double micros(Product product, DeviceProfile.Gpu gpu) {
    long matrices =
        product.batch().stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    double groups = tiles(product) * matrices * splits;
    double depths = (double) steps(product) * depth;
    double bytes = (rows + columns) * depths * Short.BYTES;
    double flops = 2.0 * rows * columns * depths;
    double turns = Math.max(1, groups / gpu.processors());
    double micros = START_MICROS + turns * Math.max(bytes / UNIT_BYTES, flops / UNIT_FLOPS);
    if (splits > 1) {
      double slabs = (double) splits * product.m() * product.n() * matrices;
      micros += 2.3 + slabs * SLAB_MICROS / 4;
    }
    return micros;
  }
}
