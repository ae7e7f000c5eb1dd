package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.EXTSubgroupSizeControl.VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME;
import static org.lwjgl.vulkan.VK10.VK_MEMORY_HEAP_DEVICE_LOCAL_BIT;
import static org.lwjgl.vulkan.VK10.VK_PHYSICAL_DEVICE_TYPE_CPU;
import static org.lwjgl.vulkan.VK10.VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
import static org.lwjgl.vulkan.VK10.VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU;
import static org.lwjgl.vulkan.VK10.VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU;
import static org.lwjgl.vulkan.VK10.VK_QUEUE_COMPUTE_BIT;
import static org.lwjgl.vulkan.VK10.VK_SHADER_STAGE_COMPUTE_BIT;
import static org.lwjgl.vulkan.VK10.vkEnumerateDeviceExtensionProperties;
import static org.lwjgl.vulkan.VK10.vkEnumeratePhysicalDevices;
import static org.lwjgl.vulkan.VK10.vkGetPhysicalDeviceMemoryProperties;
import static org.lwjgl.vulkan.VK10.vkGetPhysicalDeviceQueueFamilyProperties;
import static org.lwjgl.vulkan.VK11.VK_SUBGROUP_FEATURE_ARITHMETIC_BIT;
import static org.lwjgl.vulkan.VK11.VK_SUBGROUP_FEATURE_BASIC_BIT;
import static org.lwjgl.vulkan.VK11.VK_SUBGROUP_FEATURE_SHUFFLE_BIT;
import static org.lwjgl.vulkan.VK11.vkGetPhysicalDeviceFeatures2;
import static org.lwjgl.vulkan.VK11.vkGetPhysicalDeviceProperties2;
import static org.lwjgl.vulkan.VK12.VK_API_VERSION_1_2;

import io.griffinfly.engine.device.CoopShape;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkExtensionProperties;
import org.lwjgl.vulkan.VkPhysicalDevice;
import org.lwjgl.vulkan.VkPhysicalDeviceFeatures2;
import org.lwjgl.vulkan.VkPhysicalDeviceLimits;
import org.lwjgl.vulkan.VkPhysicalDeviceMemoryProperties;
import org.lwjgl.vulkan.VkPhysicalDeviceProperties;
import org.lwjgl.vulkan.VkPhysicalDeviceProperties2;
import org.lwjgl.vulkan.VkPhysicalDeviceSubgroupSizeControlFeaturesEXT;
import org.lwjgl.vulkan.VkPhysicalDeviceSubgroupSizeControlPropertiesEXT;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan11Features;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan11Properties;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan12Features;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan12Properties;
import org.lwjgl.vulkan.VkQueueFamilyProperties;

/// A device that Vulkan offers, with everything that is asked of it.
///
/// @param handle the device
/// @param info what people are told
/// @param identity vendor, device, driver version and cache identifier: what compiled kernels
///   depend on
/// @param queueFamily the family of queues that compute; empty if it has none
/// @param timestampValidBits of that family; 0 if it has no timestamps
/// @param timestampNanos length of a tick of a timestamp
/// @param extensions names of the extensions
/// @param features what it can do
/// @param limits how much of it
/// @param coopShapes matrix products that lanes compute together
record Adapter(
    VkPhysicalDevice handle,
    AdapterInfo info,
    String identity,
    OptionalInt queueFamily,
    int timestampValidBits,
    double timestampNanos,
    Set<String> extensions,
    Features features,
    Limits limits,
    List<CoopShape> coopShapes) {

  /// What a device can do.
  ///
  /// @param version12 whether it knows Vulkan 1.2
  /// @param int64 integers of 64 bits, which labels are
  /// @param storage8 bytes in buffers, which truth values are
  /// @param storage16 halves in buffers
  /// @param fixedSubgroups whether a kernel may demand a subgroup size and full subgroups, with
  ///   sums and shuffles over them
  /// @param coopMatrices products of halves by the lanes of a subgroup together, with what such
  ///   kernels need besides
  /// @param coopMatrices2 the same by those of a workgroup
  record Features(
      boolean version12,
      boolean int64,
      boolean storage8,
      boolean storage16,
      boolean fixedSubgroups,
      boolean coopMatrices,
      boolean coopMatrices2) {}

  /// How much a device can do.
  ///
  /// @param subgroupSize the usual number of lanes
  /// @param sharedBytes shared memory of a workgroup
  /// @param workgroupLanes most lanes of a workgroup
  /// @param workgroups most workgroups along x
  /// @param storageAlignment of the beginning of a binding, in bytes
  /// @param storageBytes most bytes of a binding
  /// @param texelElements most elements of a texel buffer
  /// @param allocationBytes most bytes of one allocation
  /// @param units processors that run workgroups side by side
  record Limits(
      int subgroupSize,
      int sharedBytes,
      int workgroupLanes,
      int workgroups,
      long storageAlignment,
      long storageBytes,
      long texelElements,
      long allocationBytes,
      int units) {}

  /// The devices of an instance.
  static List<Adapter> all(Instance instance) {
    try (MemoryStack stack = stackPush()) {
      IntBuffer count = stack.mallocInt(1);
      String attempt = "list the devices of Vulkan";
      Results.check(vkEnumeratePhysicalDevices(instance.handle(), count, null), attempt);
      if (count.get(0) == 0) {
        return List.of();
      }
      PointerBuffer handles = stack.mallocPointer(count.get(0));
      Results.check(vkEnumeratePhysicalDevices(instance.handle(), count, handles), attempt);
      List<Adapter> adapters = new ArrayList<>();
      for (int i = 0; i < handles.capacity(); i++) {
        adapters.add(of(i, new VkPhysicalDevice(handles.get(i), instance.handle())));
      }
      return adapters;
    }
  }

  private static Adapter of(int index, VkPhysicalDevice device) {
    try (MemoryStack stack = stackPush()) {
      Set<String> extensions = extensions(stack, device);
      var control = VkPhysicalDeviceSubgroupSizeControlPropertiesEXT.calloc(stack).sType$Default();
      var v12 = VkPhysicalDeviceVulkan12Properties.calloc(stack).sType$Default();
      var v11 = VkPhysicalDeviceVulkan11Properties.calloc(stack).sType$Default();
      var all = VkPhysicalDeviceProperties2.calloc(stack).sType$Default().pNext(v11).pNext(v12);
      if (extensions.contains(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME)) {
        all.pNext(control);
      }
      vkGetPhysicalDeviceProperties2(device, all);
      VkPhysicalDeviceProperties properties = all.properties();
      VkPhysicalDeviceLimits limits = properties.limits();
      int usual = v11.subgroupSize();
      boolean controls = control.maxSubgroupSize() > 0;
      AdapterInfo info =
          new AdapterInfo(
              index,
              properties.deviceNameString(),
              v12.driverNameString() + " " + v12.driverInfoString(),
              kind(properties.deviceType()),
              memoryBytes(stack, device),
              controls ? control.minSubgroupSize() : usual,
              controls ? control.maxSubgroupSize() : usual);
      Queues queues = queues(stack, device);
      Features features =
          features(stack, device, properties.apiVersion(), extensions, v11, control);
      return new Adapter(
          device,
          info,
          identity(properties),
          queues.family,
          queues.timestampValidBits,
          limits.timestampPeriod(),
          extensions,
          features,
          new Limits(
              usual,
              limits.maxComputeSharedMemorySize(),
              limits.maxComputeWorkGroupInvocations(),
              limits.maxComputeWorkGroupCount(0),
              limits.minStorageBufferOffsetAlignment(),
              Integer.toUnsignedLong(limits.maxStorageBufferRange()),
              Integer.toUnsignedLong(limits.maxTexelBufferElements()),
              v11.maxMemoryAllocationSize(),
              Units.of(stack, device, extensions, info.kind())),
          CoopMatrices.shapes(stack, device, features));
    }
  }

  private static Features features(
      MemoryStack stack,
      VkPhysicalDevice device,
      int version,
      Set<String> extensions,
      VkPhysicalDeviceVulkan11Properties v11,
      VkPhysicalDeviceSubgroupSizeControlPropertiesEXT sizes) {
    var control = VkPhysicalDeviceSubgroupSizeControlFeaturesEXT.calloc(stack).sType$Default();
    var features12 = VkPhysicalDeviceVulkan12Features.calloc(stack).sType$Default();
    var features11 = VkPhysicalDeviceVulkan11Features.calloc(stack).sType$Default();
    var all =
        VkPhysicalDeviceFeatures2.calloc(stack).sType$Default().pNext(features11).pNext(features12);
    if (extensions.contains(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME)) {
      all.pNext(control);
    }
    CoopMatrices coop = CoopMatrices.ask(stack, extensions, all);
    vkGetPhysicalDeviceFeatures2(device, all);
    boolean coopMatrices = coop.usable(version, features11, features12);
    int wanted =
        VK_SUBGROUP_FEATURE_BASIC_BIT
            | VK_SUBGROUP_FEATURE_ARITHMETIC_BIT
            | VK_SUBGROUP_FEATURE_SHUFFLE_BIT;
    return new Features(
        version >= VK_API_VERSION_1_2,
        all.features().shaderInt64(),
        features12.storageBuffer8BitAccess(),
        features11.storageBuffer16BitAccess(),
        control.subgroupSizeControl()
            && control.computeFullSubgroups()
            && (sizes.requiredSubgroupSizeStages() & VK_SHADER_STAGE_COMPUTE_BIT) != 0
            && (v11.subgroupSupportedStages() & VK_SHADER_STAGE_COMPUTE_BIT) != 0
            && (v11.subgroupSupportedOperations() & wanted) == wanted,
        coopMatrices,
        coopMatrices && coop.usableByWorkgroups());
  }

  private static String identity(VkPhysicalDeviceProperties properties) {
    byte[] uuid = new byte[properties.pipelineCacheUUID().remaining()];
    properties.pipelineCacheUUID().get(uuid);
    return HexFormat.of().toHexDigits(properties.vendorID())
        + "-"
        + HexFormat.of().toHexDigits(properties.deviceID())
        + "-"
        + HexFormat.of().toHexDigits(properties.driverVersion())
        + "-"
        + HexFormat.of().formatHex(uuid);
  }

  private static AdapterInfo.Kind kind(int type) {
    return switch (type) {
      case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU -> AdapterInfo.Kind.DISCRETE;
      case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU -> AdapterInfo.Kind.INTEGRATED;
      case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU -> AdapterInfo.Kind.VIRTUAL;
      case VK_PHYSICAL_DEVICE_TYPE_CPU -> AdapterInfo.Kind.SOFTWARE;
      default -> AdapterInfo.Kind.OTHER;
    };
  }

  private static long memoryBytes(MemoryStack stack, VkPhysicalDevice device) {
    var memory = VkPhysicalDeviceMemoryProperties.calloc(stack);
    vkGetPhysicalDeviceMemoryProperties(device, memory);
    return memory.memoryHeaps().stream()
        .limit(memory.memoryHeapCount())
        .filter(heap -> (heap.flags() & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0)
        .mapToLong(heap -> heap.size())
        .max()
        .orElse(0);
  }

  private record Queues(OptionalInt family, int timestampValidBits) {}

  private static Queues queues(MemoryStack stack, VkPhysicalDevice device) {
    IntBuffer count = stack.mallocInt(1);
    vkGetPhysicalDeviceQueueFamilyProperties(device, count, null);
    var families = VkQueueFamilyProperties.calloc(count.get(0), stack);
    vkGetPhysicalDeviceQueueFamilyProperties(device, count, families);
    for (int i = 0; i < families.capacity(); i++) {
      if ((families.get(i).queueFlags() & VK_QUEUE_COMPUTE_BIT) != 0) {
        return new Queues(OptionalInt.of(i), families.get(i).timestampValidBits());
      }
    }
    return new Queues(OptionalInt.empty(), 0);
  }

  private static Set<String> extensions(MemoryStack stack, VkPhysicalDevice device) {
    IntBuffer count = stack.mallocInt(1);
    String attempt = "list the extensions of a device";
    Results.check(
        vkEnumerateDeviceExtensionProperties(device, (ByteBuffer) null, count, null), attempt);
    Set<String> names = new HashSet<>();
    // Some drivers list more than the stack holds.
    try (VkExtensionProperties.Buffer all = VkExtensionProperties.calloc(count.get(0))) {
      Results.check(
          vkEnumerateDeviceExtensionProperties(device, (ByteBuffer) null, count, all), attempt);
      all.forEach(extension -> names.add(extension.extensionNameString()));
    }
    return Set.copyOf(names);
  }
}
