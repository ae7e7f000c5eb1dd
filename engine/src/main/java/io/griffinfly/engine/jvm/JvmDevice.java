package io.griffinfly.engine.jvm;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.Executable;
import io.griffinfly.engine.plan.ExecutionPlan;
import java.util.List;
import java.util.Map;

/// The CPU, in pure Java on the Vector API: needs no driver and no native library.
public final class JvmDevice implements Device {
  /// Dispatch and join of a kernel on a warm pool.
  private static final double LAUNCH_MICROS = 3;

  /// Two multiply-adds a cycle at 2.5 GHz.
  private static final double FLOPS_PER_LANE_AND_MICRO = 10_000;

  /// Plans are made for so many threads whatever the device has: results must not depend on the
  /// number of threads, and two schedules or two equal graphs round differently.
  private static final int NOMINAL_THREADS = 2;

  /// What two cores read from main memory.
  private static final double BYTES_PER_MICRO = 20_000;

  private final WorkerPool pool;

  /// Starts the device.
  ///
  /// @param threads number of threads that compute, the caller included; 1 or more. Results do not
  ///   depend on it.
  /// @throws DeviceException if the Java runtime was started without the Vector API
  public JvmDevice(int threads) {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      throw new DeviceException(
          "the jvm device computes on the Vector API: start java with --add-modules"
              + " jdk.incubator.vector");
    }
    pool = new WorkerPool(threads);
  }

  /// Starts the device with a thread for each processor.
  ///
  /// @return the device
  public static JvmDevice onAllProcessors() {
    return new JvmDevice(Runtime.getRuntime().availableProcessors());
  }

  /// Number of threads that compute.
  ///
  /// @return the count
  public int threads() {
    return pool.threads();
  }

  @Override
  public DeviceProfile profile() {
    int lanes = Lanes.FLOATS.length();
    return new DeviceProfile(
        "jvm, " + threads() + " threads, " + Lanes.FLOATS.vectorBitSize() + "-bit vectors",
        LAUNCH_MICROS,
        NOMINAL_THREADS * lanes * FLOPS_PER_LANE_AND_MICRO,
        BYTES_PER_MICRO);
  }

  @Override
  public List<? extends Schedule> schedules() {
    return JvmSchedule.ALL;
  }

  @Override
  public DeviceMemory allocate(long bytes) {
    return NativeMemory.allocate(bytes);
  }

  @Override
  public Executable load(ExecutionPlan plan, Map<Integer, DeviceMemory> states) {
    return new JvmExecutable(plan, states, pool);
  }

  @Override
  public void close() {
    pool.close();
  }
}
