package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.List;
import java.util.Optional;

/// A way to multiply a few rows by a weight that lies along the depth, and how long it would take
/// (see [GpuRates]).
///
/// @param unit elements of a read, 1 or 4
/// @param lanes of a workgroup
/// @param team lanes that share the depth, a power of two
/// @param columns of a team, or pairs of them ([DotPairs])
/// @param together reads of each column and row that are under way at a time
/// @param micros predicted, with the launch
record DotPlan(int unit, int lanes, int team, int columns, int together, double micros) {
  /// Lanes of a workgroup, unless a subgroup has more.
  private static final int LANES = 64;

  private static final int LINE_BYTES = 128;

  /// The fastest plan; empty if a team is too small for its results.
  ///
  /// @param choices numbers of columns of a team
  static Optional<DotPlan> fastest(DotForm form, List<Integer> choices, DeviceProfile.Gpu gpu) {
    Product product = form.product();
    int unit = product.right().inFours(product.rightDepthAxis(0)) ? 4 : 1;
    int lanes = Math.max(LANES, gpu.subgroupSize());
    int most = gpu.subgroupSize() == 0 ? lanes : gpu.subgroupSize();
    // Lanes of a team read whole lines of memory, unless the depth is shorter.
    int line = LINE_BYTES / (unit * product.right().dtype().bytes());
    int fewest = Math.min(line, Integer.highestOneBit(Math.ceilDiv(product.depth(0), unit)));
    DotPlan best = null;
    for (int columns : choices) {
      for (int team = most;
          team >= Math.max(Math.min(most, fewest), columns * product.m());
          team /= 2) {
        DotPlan plan = of(form, gpu, unit, lanes, team, columns);
        if (best == null || plan.micros < best.micros) {
          best = plan;
        }
      }
    }
    return Optional.ofNullable(best).filter(_ -> lanes <= gpu.workgroupLanes());
  }

  private static DotPlan of(
      DotForm form, DeviceProfile.Gpu gpu, int unit, int lanes, int team, int columns) {
    Product product = form.product();
    int reads = Math.ceilDiv(product.depth(0) / unit, team);
    int each = form.reads(columns);
    int batches = Math.ceilDiv(reads, VectorRates.together(unit, each));
    int together = Math.ceilDiv(reads, batches);
    double teams = VectorRates.batch(product) * Math.ceilDiv(form.count(), columns);
    VectorRates.Use use =
        new VectorRates.Use(
            Math.ceilDiv((long) teams, lanes / team),
            lanes,
            batches,
            together * unit * each,
            reads * each,
            reads * unit * form.bytes(columns),
            2.0 * reads * unit * form.sums(columns),
            1);
    double exchange = 0.03 * Integer.numberOfTrailingZeros(team) * form.sums(columns);
    double micros = VectorRates.micros(product, use, gpu) + exchange;
    return new DotPlan(unit, lanes, team, columns, together, micros);
  }
}
