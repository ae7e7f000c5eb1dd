package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.List;
import java.util.Optional;

/// A way to compute a matrix product by tiles, and how long it would take.
///
/// The prediction is for an NVIDIA H100, of which these figures are known: a dispatch with its
/// barrier 1.9 us, 65 TFLOP/s of multiply-adds on 132 processors, the latency of memory 0.6 to 0.8
/// us. All other constants here are guesses. Other devices are taken for a number of such
/// processors.
///
/// @param shape the tiles
/// @param splits parts of the depth, each summed by workgroups of its own; if there are several, a
///   second stage adds their sums
/// @param steps blocks of the depth that a workgroup goes through
/// @param micros predicted, with the launches
record TilePlan(TileShape shape, int splits, int steps, double micros) {
  /// A second stage and its reads of sums that were just written.
  private static final double REDUCE_MICROS = GpuRates.LAUNCH_MICROS + 0.8;

  /// From the start of a workgroup to its first block, and its stores.
  private static final double START_MICROS = 1.2;

  /// Least time of a block: the latency of its reads.
  private static final double STEP_MICROS = 0.5;

  /// Of a block, beside its arithmetic: a barrier and the writes of shared memory.
  private static final double BARRIER_MICROS = 0.1;

  /// Cycles of a lane that it waits, at each depth, for shared memory, if it is alone.
  private static final double WAIT_CYCLES = 8;

  private static final double CYCLES_PER_MICRO = 1900;

  /// Most parts of the depth.
  private static final int MOST_SPLITS = 64;

  /// Most bytes of sums that wait for the second stage: they should stay in the cache.
  private static final long MOST_SLAB_BYTES = 32L << 20;

  /// Lanes, registers and bytes of shared memory of a processor.
  private static final int LANES = 2048;

  private static final int REGISTERS = 65_536;
  private static final int SHARED_BYTES = 96 << 10;

  /// What a product asks for.
  ///
  /// @param m rows
  /// @param n columns
  /// @param batch matrices
  /// @param outer times that the depth is gone through
  /// @param depth the depth
  /// @param leftBytes of an element
  /// @param rightBytes of an element
  record Extents(int m, int n, long batch, int outer, int depth, int leftBytes, int rightBytes) {
    static Extents of(Product product) {
      long batch = 1;
      for (int extent : product.batch()) {
        batch *= extent;
      }
      return new Extents(
          product.m(),
          product.n(),
          batch,
          product.depthAxes() == 2 ? product.depth(0) : 1,
          product.depth(product.depthAxes() - 1),
          product.left().dtype().bytes(),
          product.right().dtype().bytes());
    }

    /// Blocks of a depth that are summed.
    int steps(int depths) {
      return outer * Math.ceilDiv(depth, depths);
    }

    private long size() {
      return batch * m * n;
    }

    /// Both operands once, and the result.
    private double bytes() {
      double terms = (double) outer * depth;
      return batch * terms * ((double) m * leftBytes + (double) n * rightBytes)
          + (double) size() * Float.BYTES;
    }
  }

  /// The fastest of some shapes.
  ///
  /// @param shapes to choose from
  /// @param mostSplits 1 if there is no second stage
  /// @return empty if the device runs none of them, see [TileShape#fits]
  static Optional<TilePlan> fastest(
      Extents extents, List<TileShape> shapes, int mostSplits, DeviceProfile.Gpu gpu) {
    TilePlan best = null;
    for (TileShape shape : shapes) {
      if (shape.fits(gpu)) {
        for (int splits = 1; splits <= most(extents, shape, mostSplits); splits++) {
          TilePlan plan = of(extents, shape, splits, gpu);
          if (best == null || plan.micros < best.micros) {
            best = plan;
          }
        }
      }
    }
    return Optional.ofNullable(best);
  }

  private static long most(Extents extents, TileShape shape, int mostSplits) {
    long bySlabs = MOST_SLAB_BYTES / Math.max(1, extents.size() * Float.BYTES);
    long most = Math.min(Math.min(mostSplits, MOST_SPLITS), bySlabs);
    return Math.max(1, Math.min(most, extents.steps(shape.depths())));
  }

  /// The plan of a shape and a number of parts.
  static TilePlan of(Extents extents, TileShape shape, int wanted, DeviceProfile.Gpu gpu) {
    int all = Math.max(1, extents.steps(shape.depths()));
    int steps = Math.ceilDiv(all, wanted);
    int splits = Math.ceilDiv(all, steps);
    double tiles =
        (double) extents.batch
            * Math.ceilDiv(extents.m, shape.rows())
            * Math.ceilDiv(extents.n, shape.columns());
    double each = Math.ceil(tiles * splits / gpu.units());
    int together = (int) Math.clamp(resident(shape, gpu), 1, Math.max(1, each));
    double waves = Math.floor(each / together);
    double rest = each - waves * together;
    double stepsMicros =
        steps * (waves * step(shape, together) + (rest > 0 ? step(shape, rest) : 0));
    double starts = START_MICROS * (waves + (rest > 0 ? 1 : 0));
    double blockBytes =
        shape.depths()
            * ((double) shape.rows() * extents.leftBytes
                + (double) shape.columns() * extents.rightBytes);
    double cache = each * steps * blockBytes / GpuRates.CACHE_BYTES_PER_MICRO;
    double memory = extents.bytes() / (GpuRates.MEMORY_BYTES_PER_MICRO * gpu.units());
    double micros =
        GpuRates.LAUNCH_MICROS + starts + Math.max(Math.max(stepsMicros, cache), memory);
    if (splits > 1) {
      double bytes = (2.0 * splits + 2) * extents.size() * Float.BYTES;
      micros += REDUCE_MICROS + bytes / (GpuRates.CACHE_BYTES_PER_MICRO * gpu.units());
    }
    return new TilePlan(shape, splits, steps, micros);
  }

  /// Workgroups that a processor holds at a time.
  private static int resident(TileShape shape, DeviceProfile.Gpu gpu) {
    int prefetched = shape.depths() * (shape.rows() + shape.columns()) / shape.lanes();
    int registers =
        shape.laneRows() * shape.laneColumns()
            + 2 * (shape.laneRows() + shape.laneColumns())
            + prefetched
            + 32;
    int byRegisters = REGISTERS / (registers * shape.lanes());
    int byShared = SHARED_BYTES / (shape.buffers(gpu) * shape.blockBytes());
    return Math.min(Math.min(byRegisters, byShared), LANES / shape.lanes());
  }

  /// Microseconds of a block in each of some workgroups of a processor.
  private static double step(TileShape shape, double groups) {
    double flops = 2.0 * groups * shape.rows() * shape.columns() * shape.depths();
    double all = flops / (GpuRates.FLOPS_PER_MICRO * share(shape));
    double cycles = shape.depths() * (shape.laneRows() * shape.laneColumns() + WAIT_CYCLES);
    return Math.max(Math.max(STEP_MICROS, BARRIER_MICROS + cycles / CYCLES_PER_MICRO), all);
  }

  /// How much of the peak a lane's tile leaves: two reads of shared memory go with 16, three with
  /// 32, four with 64 multiply-adds.
  private static double share(TileShape shape) {
    return switch (shape.laneRows() * shape.laneColumns()) {
      case 16 -> 0.5;
      case 32 -> 0.62;
      default -> 0.72;
    };
  }
}
