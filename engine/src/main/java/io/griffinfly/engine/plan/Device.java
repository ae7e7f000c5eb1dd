package io.griffinfly.engine.plan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.Schedule;
import java.util.List;
import java.util.Map;

/// Something that runs plans. A device may be used by several sessions, one after the other or each
/// on a thread of its own; runs are carried out one at a time.
public interface Device extends AutoCloseable {
  /// What the compiler should know of the device.
  ///
  /// @return the profile
  DeviceProfile profile();

  /// The ways it can carry out kernels; together they take every spec.
  ///
  /// @return the schedules, of equally fast ones the better first
  List<? extends Schedule> schedules();

  /// Allocates memory; its content is undefined.
  ///
  /// @param bytes size, more than 0
  /// @return the memory
  /// @throws DeviceException if there is not enough
  DeviceMemory allocate(long bytes);

  /// Turns a plan into code bound to memory.
  ///
  /// @param plan the plan
  /// @param states memory of each state buffer, by the buffer's number; lent until the executable
  ///   is closed
  /// @return the executable
  Executable load(ExecutionPlan plan, Map<Integer, DeviceMemory> states);

  /// Stops the device and frees what it holds. Every executable must be closed before.
  @Override
  void close();
}
