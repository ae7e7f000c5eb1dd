package io.griffinfly.engine.vulkan;

import static org.lwjgl.vulkan.AMDShaderCoreProperties.VK_AMD_SHADER_CORE_PROPERTIES_EXTENSION_NAME;
import static org.lwjgl.vulkan.NVShaderSmBuiltins.VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME;
import static org.lwjgl.vulkan.VK11.vkGetPhysicalDeviceProperties2;

import java.util.Set;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkPhysicalDevice;
import org.lwjgl.vulkan.VkPhysicalDeviceProperties2;
import org.lwjgl.vulkan.VkPhysicalDeviceShaderCorePropertiesAMD;
import org.lwjgl.vulkan.VkPhysicalDeviceShaderSMBuiltinsPropertiesNV;

/// How many processors of a device run workgroups side by side. Vulkan itself does not say; two
/// vendors do.
final class Units {
  /// Those of a GPU that does not say, by its kind: a usual number, to rank plans by.
  private static final int DISCRETE = 48;

  private static final int INTEGRATED = 12;

  private Units() {}

  static int of(
      MemoryStack stack, VkPhysicalDevice device, Set<String> extensions, AdapterInfo.Kind kind) {
    var nvidia = VkPhysicalDeviceShaderSMBuiltinsPropertiesNV.calloc(stack).sType$Default();
    var amd = VkPhysicalDeviceShaderCorePropertiesAMD.calloc(stack).sType$Default();
    var all = VkPhysicalDeviceProperties2.calloc(stack).sType$Default();
    if (extensions.contains(VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME)) {
      all.pNext(nvidia);
    }
    if (extensions.contains(VK_AMD_SHADER_CORE_PROPERTIES_EXTENSION_NAME)) {
      all.pNext(amd);
    }
    vkGetPhysicalDeviceProperties2(device, all);
    int amdUnits =
        amd.shaderEngineCount()
            * amd.shaderArraysPerEngineCount()
            * amd.computeUnitsPerShaderArray();
    int said = Math.max(nvidia.shaderSMCount(), amdUnits);
    if (said > 0) {
      return said;
    }
    return switch (kind) {
      case DISCRETE -> DISCRETE;
      case INTEGRATED, VIRTUAL, OTHER -> INTEGRATED;
      case SOFTWARE -> Runtime.getRuntime().availableProcessors();
    };
  }
}
