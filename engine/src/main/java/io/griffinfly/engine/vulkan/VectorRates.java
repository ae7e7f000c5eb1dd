package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;

/// What products of a few rows are predicted with, beside [GpuRates]. All of it is guessed but the
/// latency of memory, which is 0.6 to 0.8 us on an NVIDIA H100.
final class VectorRates {
  private VectorRates() {}

  /// From the start of a workgroup to its last store, without its reads.
  private static final double START_MICROS = 0.6;

  private static final double LATENCY_MICROS = 0.7;

  /// What each read adds to the latency of the first.
  private static final double READ_MICROS = 0.012;

  /// Lanes and registers of a processor.
  private static final double LANES = 2048;

  private static final double ALL_REGISTERS = 65_536;

  /// Registers of a lane beside its reads.
  private static final int OTHER_REGISTERS = 40;

  /// What lanes of a processor read from its own cache, bytes a microsecond.
  private static final double NEAR_BYTES_PER_MICRO = 120e3;

  /// Registers of a lane for reads that are under way.
  private static final int REGISTERS = 144;

  /// How a kernel uses the device.
  ///
  /// @param groups workgroups
  /// @param lanes of each
  /// @param batches of reads of a lane, one after the other
  /// @param registers of a lane for the reads of a batch
  /// @param reads of a lane
  /// @param laneBytes that a lane reads
  /// @param laneFlops that a lane computes
  /// @param excess bytes of memory that are moved for each byte that is read
  record Use(
      double groups,
      int lanes,
      int batches,
      int registers,
      int reads,
      double laneBytes,
      double laneFlops,
      double excess) {}

  /// Reads that a lane has registers for.
  ///
  /// @param unit elements of a read
  /// @param operands read at each place
  static int together(int unit, int operands) {
    return Math.max(1, REGISTERS / (unit * operands));
  }

  /// Matrices of a product.
  static double batch(Product product) {
    double batch = 1;
    for (int extent : product.batch()) {
      batch *= extent;
    }
    return batch;
  }

  /// Predicted microseconds, with the launch.
  static double micros(Product product, Use use, DeviceProfile.Gpu gpu) {
    double each = Math.ceil(use.groups / gpu.processors()) * use.lanes;
    double together = Math.min(LANES, ALL_REGISTERS / (use.registers + OTHER_REGISTERS));
    double waves = Math.ceil(each / together);
    double latency = waves * (use.batches * LATENCY_MICROS + use.reads * READ_MICROS);
    double near = each * use.laneBytes / NEAR_BYTES_PER_MICRO;
    double arithmetic = 2 * each * use.laneFlops / GpuRates.FLOPS_PER_MICRO;
    double columns = product.right().dim(product.rightColumnAxis());
    double weight = batch(product) * columns * product.depth(0);
    double memory =
        use.excess
            * weight
            * product.right().dtype().bytes()
            / (GpuRates.MEMORY_BYTES_PER_MICRO * Math.min(gpu.processors(), use.groups));
    double longest = Math.max(Math.max(latency, memory), Math.max(near, arithmetic));
    return GpuRates.LAUNCH_MICROS + START_MICROS + longest;
  }
}
