package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.util.Optional;

/// What the compiler is told of a device. Vulkan does not say how fast one is: the rates are those
/// of a machine of its kind, which orders plans well enough.
final class Profiles {
  private Profiles() {}

  /// Microseconds of a dispatch with its barrier, operations and bytes a microsecond.
  private record Rates(double launchMicros, double flopsPerMicro, double bytesPerMicro) {}

  static DeviceProfile of(Adapter adapter) {
    AdapterInfo info = adapter.info();
    Rates rates =
        switch (info.kind()) {
          // An H200: dispatch and barrier 1.85 us, 65 TFLOP/s in multiply-adds, 3.5 TB/s.
          case DISCRETE -> new Rates(1.85, 65e6, 3.5e6);
          // A laptop's: a few TFLOP/s on the host's memory.
          case INTEGRATED, VIRTUAL, OTHER -> new Rates(5, 3e6, 80_000);
          // lavapipe on two Zen 4 cores: 110 GFLOP/s at most, 6 to 11 GB/s in elementwise kernels.
          case SOFTWARE -> new Rates(15, 110_000, 8_000);
        };
    Adapter.Limits limits = adapter.limits();
    return new DeviceProfile(
        "vulkan, " + info.name() + ", " + info.driver(),
        rates.launchMicros,
        rates.flopsPerMicro,
        rates.bytesPerMicro,
        Optional.of(
            new DeviceProfile.Gpu(
                adapter.features().fixedSubgroups() ? limits.subgroupSize() : 0,
                limits.sharedBytes(),
                limits.workgroupLanes(),
                limits.workgroups(),
                limits.storageBytes(),
                info.kind() == AdapterInfo.Kind.SOFTWARE,
                adapter.limits().units(),
                adapter.coopShapes())));
  }
}
