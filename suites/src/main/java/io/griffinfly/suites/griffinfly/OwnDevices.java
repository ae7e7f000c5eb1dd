package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.vulkan.AdapterInfo;
import io.griffinfly.engine.vulkan.VulkanDevice;
import io.griffinfly.engine.vulkan.VulkanOptions;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The engine's devices by the names of the harness: `cpu` is the device `jvm`, `vulkan` the first
/// GPU, and what follows a colon the index or a part of the name of another.
final class OwnDevices {
  private static final String CPU = "cpu";
  private static final String VULKAN = "vulkan";

  private OwnDevices() {}

  /// Opens the device that a request names; its compiled kernels stay in the request's cache.
  static Device open(AdapterRequest request) {
    String name = request.device();
    if (name.equals(CPU)) {
      return new JvmDevice(request.threads());
    }
    try {
      return VulkanDevice.open(
          which(name), VulkanOptions.defaults().withCache(Path.of(request.cacheDir(), VULKAN)));
    } catch (DeviceAbsentException e) {
      throw new AdapterException(
          AdapterException.Kind.NO_DEVICE, String.valueOf(e.getMessage()), e);
    }
  }

  private static String which(String name) {
    if (name.equals(VULKAN)) {
      return "";
    }
    if (!name.startsWith(VULKAN + ":")) {
      throw new AdapterException(
          AdapterException.Kind.NO_DEVICE,
          "griffinfly runs on cpu and vulkan, not on '" + name + "'");
    }
    return name.substring(VULKAN.length() + 1);
  }

  /// What a device of ours is.
  static DeviceFacts facts(Device device) {
    return switch (device) {
      case JvmDevice jvm -> new DeviceFacts("jvm", CPU, jvm.profile().name(), "", jvm.threads());
      case VulkanDevice vulkan -> facts(vulkan.info());
      default ->
          throw new IllegalArgumentException("no device of ours: " + device.profile().name());
    };
  }

  private static DeviceFacts facts(AdapterInfo info) {
    String kind =
        info.kind() == AdapterInfo.Kind.OTHER
            ? VULKAN
            : info.kind().name().toLowerCase(Locale.ROOT);
    return new DeviceFacts(VULKAN + ":" + info.index(), kind, info.name(), info.driver(), null);
  }

  /// Every device of this machine; without Vulkan there is the CPU alone.
  static List<DeviceFacts> all() {
    List<DeviceFacts> all = new ArrayList<>();
    try (JvmDevice jvm = JvmDevice.onAllProcessors()) {
      all.add(facts(jvm));
    }
    try {
      VulkanDevice.list().forEach(info -> all.add(facts(info)));
    } catch (DeviceAbsentException _) {
      return all;
    }
    return all;
  }
}
