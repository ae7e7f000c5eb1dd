package io.griffinfly.engine.kernel;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.List;
import java.util.Optional;

/// One way in which a device carries out kernels. A description only: it holds no handle of a
/// device, so plans are made, compared and tested without one. A device hands its schedules to the
/// planner, which takes the one that says it is fastest before any memory is planned.
public interface Schedule {
  /// A name for reports.
  ///
  /// @return the name, unique among the schedules of a device
  String name();

  /// Whether its kernels multiply on units for matrices, whose rate is another than that of single
  /// multiply-adds.
  ///
  /// @return false if the device has none or they do not use them
  default boolean usesMatrixUnits() {
    return false;
  }

  /// What the schedule would need for a kernel.
  ///
  /// @param spec what to compute
  /// @param operands how what it reads lies in memory
  /// @param results how what it writes lies in memory
  /// @param profile the device
  /// @return the offer; empty if the schedule cannot do it
  Optional<Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile);

  /// What a schedule needs.
  ///
  /// @param micros predicted microseconds, to be compared with other schedules' alone
  /// @param workspaceBytes memory that the kernel uses while it runs, aligned to 64 bytes; 0 for
  ///   none
  record Offer(double micros, long workspaceBytes) {}
}
