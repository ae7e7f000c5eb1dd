package io.griffinfly.engine.vulkan;

/// What products on GPUs are predicted with: an NVIDIA H100, of which other devices have fewer
/// processors. Measured there: launches 1.9 us, 65 TFLOP/s of multiply-adds, 3.5 TB/s of memory, on
/// 132 processors; the rate of the cache is a guess.
final class GpuRates {
  private GpuRates() {}

  /// A dispatch with its barrier.
  static final double LAUNCH_MICROS = 1.9;

  /// Of one processor: 128 multiply-adds a cycle.
  static final double FLOPS_PER_MICRO = 0.49e6;

  /// Of memory, to one processor's share.
  static final double MEMORY_BYTES_PER_MICRO = 26.5e3;

  /// Of the cache that all processors share, to one processor.
  static final double CACHE_BYTES_PER_MICRO = 42e3;
}
