package io.griffinfly.engine.conformance;

import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.plan.Device;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The `jvm` device on several numbers of threads.
final class JvmSubject implements Subject {
  private final List<Device> devices = Stream.of(1, 2, 3, 5).<Device>map(JvmDevice::new).toList();

  @Override
  public List<Device> devices() {
    return devices;
  }

  @Override
  public Device open() {
    return new JvmDevice(2);
  }

  @Override
  public Optional<String> exclusion(KernelSpec spec) {
    return Optional.empty();
  }

  @Override
  public List<Lie> lies() {
    return Subject.allLies();
  }

  @Override
  public void requireNoComplaints() {}

  @Override
  public String toString() {
    return "jvm";
  }
}
