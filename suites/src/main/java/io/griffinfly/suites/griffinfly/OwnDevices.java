package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.jvm.JvmDevice;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.vulkan.AdapterInfo;
import io.griffinfly.engine.vulkan.VulkanDevice;
import io.griffinfly.engine.vulkan.VulkanOptions;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.adapter.AdapterResult.GpuFacts;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The engine's devices by the names of the harness: `cpu` is the device `jvm`, `vulkan` the first
/// GPU, and what follows a colon the index or a part of the name of another.
final class OwnDevices {
  private static final String CPU = "cpu";
  private static final String VULKAN = "vulkan";

  private OwnDevices() {}

  /// Opens the device that a request names; its compiled kernels stay in the request's cache.
  static Device open(AdapterRequest request) {
    String name = request.device();
    Optional<DeviceFault> fault = DeviceFault.named(request.mutant());
    if (name.equals(CPU)) {
      if (fault.isPresent()) {
        throw new AdapterException(
            AdapterException.Kind.UNSUPPORTED, request.mutant() + " is a fault of vulkan devices");
      }
      return new JvmDevice(request.threads());
    }
    VulkanOptions options = VulkanOptions.defaults().withCache(Path.of(request.cacheDir(), VULKAN));
    try {
      return VulkanDevice.open(
          which(name), fault.map(each -> options.withFailure(each.failure())).orElse(options));
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
      case VulkanDevice vulkan -> facts(vulkan.info(), null);
      default ->
          throw new IllegalArgumentException("no device of ours: " + device.profile().name());
    };
  }

  private static DeviceFacts facts(AdapterInfo info, @Nullable Boolean automatic) {
    String kind =
        info.kind() == AdapterInfo.Kind.OTHER
            ? VULKAN
            : info.kind().name().toLowerCase(Locale.ROOT);
    GpuFacts gpu =
        new GpuFacts(
            info.memoryBytes(),
            info.minSubgroupSize(),
            info.maxSubgroupSize(),
            matrices(info.coopShapes()),
            info.missing(),
            automatic);
    return new DeviceFacts(
        VULKAN + ":" + info.index(), kind, info.name(), info.driver(), null, gpu);
  }

  /// Such as `f16 to f32: 16x16x16 16x8x16` and `f16 to f32 by 128 lanes: 64x16x16`.
  private static List<String> matrices(List<CoopShape> shapes) {
    Map<String, List<String>> extents = new LinkedHashMap<>();
    for (CoopShape shape : shapes) {
      String types = lower(shape.operands()) + " to " + lower(shape.sums());
      String who =
          switch (shape.scope()) {
            case SUBGROUP -> "";
            case WORKGROUP -> " by " + shape.lanes() + " lanes";
          };
      extents
          .computeIfAbsent(types + who, _ -> new ArrayList<>())
          .add(shape.m() + "x" + shape.n() + "x" + shape.k());
    }
    return extents.entrySet().stream()
        .map(each -> each.getKey() + ": " + String.join(" ", each.getValue()))
        .toList();
  }

  private static String lower(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /// Every device of this machine; without Vulkan there is the CPU alone, and a note that says what
  /// to install.
  static FrameworkAdapter.Devices all() {
    List<DeviceFacts> all = new ArrayList<>();
    try (JvmDevice jvm = JvmDevice.onAllProcessors()) {
      all.add(facts(jvm));
    }
    try {
      List<AdapterInfo> adapters = VulkanDevice.list();
      Optional<AdapterInfo> best = VulkanDevice.best(adapters);
      adapters.forEach(info -> all.add(facts(info, best.filter(info::equals).isPresent())));
      return new FrameworkAdapter.Devices(all, List.of());
    } catch (DeviceAbsentException e) {
      return new FrameworkAdapter.Devices(all, List.of(String.valueOf(e.getMessage())));
    }
  }
}
