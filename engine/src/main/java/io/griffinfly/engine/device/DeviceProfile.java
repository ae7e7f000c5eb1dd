package io.griffinfly.engine.device;

import java.util.List;
import java.util.Optional;

/// What the compiler knows of a device. Rates are for deciding between plans, not for reports.
///
/// @param name what it is, for people
/// @param launchMicros microseconds to start a kernel and wait for it
/// @param flopsPerMicro single-precision operations a microsecond in dense products
/// @param bytesPerMicro bytes a microsecond that kernels read and write
/// @param gpu what kernels for a device with compute shaders must know; empty for others
public record DeviceProfile(
    String name,
    double launchMicros,
    double flopsPerMicro,
    double bytesPerMicro,
    Optional<Gpu> gpu) {
  /// A device without compute shaders.
  ///
  /// @param name what it is, for people
  /// @param launchMicros microseconds to start a kernel and wait for it
  /// @param flopsPerMicro single-precision operations a microsecond in dense products
  /// @param bytesPerMicro bytes a microsecond that kernels read and write
  public DeviceProfile(
      String name, double launchMicros, double flopsPerMicro, double bytesPerMicro) {
    this(name, launchMicros, flopsPerMicro, bytesPerMicro, Optional.empty());
  }

  /// What decides how a compute shader is written.
  ///
  /// @param subgroupSize lanes that a kernel can rely on running in step and exchanging values; 0
  ///   if the device does not promise a size
  /// @param sharedBytes memory that the lanes of a workgroup share
  /// @param workgroupLanes most lanes of a workgroup
  /// @param workgroups most workgroups along the first axis of a dispatch
  /// @param storageBytes most bytes that one binding reaches
  /// @param onCpu whether the lanes are those of a CPU's vector unit: there shared memory and
  ///   barriers cost more than they save, and reads go through texel buffers fastest
  /// @param coopShapes matrix products that lanes compute together; empty if there are none
  /// @param processors parts that run workgroups side by side (streaming multiprocessors, pairs of
  ///   compute units): as many workgroups at least keep the device busy
  public record Gpu(
      int subgroupSize,
      int sharedBytes,
      int workgroupLanes,
      int workgroups,
      long storageBytes,
      boolean onCpu,
      List<CoopShape> coopShapes,
      int processors) {
    /// Copies the list.
    public Gpu {
      coopShapes = List.copyOf(coopShapes);
    }
  }
}
