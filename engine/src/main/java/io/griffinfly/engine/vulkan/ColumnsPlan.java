package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.List;
import java.util.Optional;

/// A way to multiply a few rows by a weight that lies along the columns, and how long it would take
/// (see [GpuRates]).
///
/// @param unit neighbouring columns of a lane, 1 or 4
/// @param depths of a read, 1 or 4
/// @param lanes of a workgroup
/// @param across lanes side by side along the columns, a power of two; the others of a workgroup
///   share the depth
/// @param splits parts of the depth, each summed by workgroups of its own; if there are several, a
///   second stage adds their sums
/// @param steps reads of a lane, one depth after the other
/// @param together reads that are under way at a time
/// @param micros predicted, with the launches
record ColumnsPlan(
    int unit,
    int depths,
    int lanes,
    int across,
    int splits,
    int steps,
    int together,
    double micros) {
  /// A second stage and its reads of sums that were just written.
  private static final double REDUCE_MICROS = GpuRates.LAUNCH_MICROS + 0.8;

  /// What memory gives at least.
  private static final double SECTOR_BYTES = 32;

  /// The fastest plan; empty if the device has too few lanes or too little shared memory.
  ///
  /// @param choices numbers of parts of the depth
  static Optional<ColumnsPlan> fastest(
      Product product, List<Integer> choices, DeviceProfile.Gpu gpu) {
    ColumnsPlan best = null;
    for (int lanes = 64; lanes <= 256; lanes *= 2) {
      for (int across = 1; across <= 32; across *= 2) {
        for (int splits : choices) {
          ColumnsPlan plan = of(product, gpu, lanes, across, splits);
          if (plan.fits(product, gpu) && (best == null || plan.micros < best.micros)) {
            best = plan;
          }
        }
      }
    }
    return Optional.ofNullable(best);
  }

  private static ColumnsPlan of(
      Product product, DeviceProfile.Gpu gpu, int lanes, int across, int splits) {
    int unit = product.right().inFours(product.rightColumnAxis()) ? 4 : 1;
    int depths = product.depth(0) % 4 == 0 ? 4 : 1;
    int all = Math.ceilDiv(product.depth(0) / depths, lanes / across);
    int steps = Math.ceilDiv(all, splits);
    int parts = Math.ceilDiv(all, steps);
    // Of one depth: a read of the weight and one element of each row.
    int registers = depths * (unit + product.m());
    int batches = Math.ceilDiv(steps, VectorRates.together(1, registers));
    int together = Math.ceilDiv(steps, batches);
    int bytes = product.right().dtype().bytes();
    double laneBytes =
        (double) steps * depths * (unit * bytes + product.m() * product.left().dtype().bytes());
    VectorRates.Use use =
        new VectorRates.Use(
            VectorRates.batch(product) * parts * Math.ceilDiv(product.n(), across * unit),
            lanes,
            batches,
            together * registers,
            steps * (depths + product.m()),
            laneBytes,
            2.0 * steps * depths * unit * product.m(),
            Math.max(1, SECTOR_BYTES / (across * unit * bytes)));
    double reduce = parts > 1 ? REDUCE_MICROS : 0;
    double micros = VectorRates.micros(product, use, gpu) + reduce;
    return new ColumnsPlan(unit, depths, lanes, across, parts, steps, together, micros);
  }

  private boolean fits(Product product, DeviceProfile.Gpu gpu) {
    int subgroup = gpu.subgroupSize();
    boolean subgroups = subgroup == 0 || (lanes % subgroup == 0 && across <= subgroup);
    return subgroups
        && lanes <= gpu.workgroupLanes()
        && results(product) <= lanes
        && sharedFloats(product, gpu) * Float.BYTES <= gpu.sharedBytes();
  }

  /// Columns of a workgroup.
  int columns() {
    return across * unit;
  }

  /// Results of a workgroup, each finished by a lane.
  int results(Product product) {
    return columns() * product.m();
  }

  /// Sums of each result that meet in shared memory.
  int parts(DeviceProfile.Gpu gpu) {
    return lanes / Math.max(across, gpu.subgroupSize());
  }

  /// Floats of shared memory.
  int sharedFloats(Product product, DeviceProfile.Gpu gpu) {
    return parts(gpu) * results(product);
  }
}
