package io.griffinfly.suites.cli;

import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.adapter.AdapterResult.GpuFacts;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.plan.Contender;
import io.griffinfly.suites.plan.RunOptions;
import io.griffinfly.suites.run.Probe;
import io.griffinfly.suites.run.RunEvent;
import java.util.List;
import java.util.Optional;

/// `--device auto`: a GPU if there is one that the engine can use, else the CPU. Never a GPU that
/// is software, and never one on which nothing of what was asked for runs.
final class AutoDevice {
  /// What is typed for it, and what options say until it is resolved.
  static final String NAME = "auto";

  static final String CPU = "cpu";
  private static final String VULKAN = "vulkan";

  private AutoDevice() {}

  /// The GPU among the devices of this machine that is taken where none is named.
  static Optional<DeviceFacts> gpu(List<DeviceFacts> devices) {
    return devices.stream().filter(AutoDevice::isAutomatic).findFirst();
  }

  private static boolean isAutomatic(DeviceFacts device) {
    GpuFacts gpu = device.gpu();
    return gpu != null && Boolean.TRUE.equals(gpu.automatic());
  }

  /// Options with a device; asks the engine which there are, in a process of its own, since a
  /// driver may do anything to the process that loads it.
  static RunOptions resolve(RunOptions options, PeerCatalog catalog, RunEvent.Listener listener) {
    if (!options.device().equals(NAME)) {
      return options;
    }
    Peer own = catalog.find(PeerCatalog.OWN).orElse(null);
    if (own == null || !anyRunsOnGpu(options.frameworks(), catalog)) {
      return options.withDevice(CPU);
    }
    Probe.Answer answer = Probe.ask(own, options.threads());
    AdapterResult result = answer.result();
    Optional<DeviceFacts> gpu =
        result == null || result.devices() == null ? Optional.empty() : gpu(result.devices());
    listener.on(
        new RunEvent.Preparing(
            gpu.map(device -> "device: " + device.id() + ", " + device.name())
                .orElse("device: cpu, for there is no GPU to use; --list-devices says why")));
    return options.withDevice(gpu.isPresent() ? VULKAN : CPU);
  }

  private static boolean anyRunsOnGpu(List<String> frameworks, PeerCatalog catalog) {
    return catalog.peers().stream()
        .filter(peer -> peer.runsOn(VULKAN))
        .anyMatch(peer ->
            peer.manifest().variants().stream()
                .filter(variant -> peer.needsDevice(variant, VULKAN).isEmpty())
                .map(variant -> new Contender(peer.name(), variant))
                .anyMatch(contender ->
                    frameworks.contains(contender.framework())
                        || frameworks.contains(contender.label())));
  }
}
