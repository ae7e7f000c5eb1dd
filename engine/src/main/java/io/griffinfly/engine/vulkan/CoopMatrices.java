package io.griffinfly.engine.vulkan;

import static org.lwjgl.vulkan.KHRCooperativeMatrix.VK_COMPONENT_TYPE_FLOAT16_KHR;
import static org.lwjgl.vulkan.KHRCooperativeMatrix.VK_COMPONENT_TYPE_FLOAT32_KHR;
import static org.lwjgl.vulkan.KHRCooperativeMatrix.VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME;
import static org.lwjgl.vulkan.KHRCooperativeMatrix.VK_SCOPE_SUBGROUP_KHR;
import static org.lwjgl.vulkan.KHRCooperativeMatrix.VK_SCOPE_WORKGROUP_KHR;
import static org.lwjgl.vulkan.KHRCooperativeMatrix.vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR;
import static org.lwjgl.vulkan.NVCooperativeMatrix2.VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME;
import static org.lwjgl.vulkan.NVCooperativeMatrix2.vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV;
import static org.lwjgl.vulkan.VK13.VK_API_VERSION_1_3;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.ir.DType;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkCooperativeMatrixFlexibleDimensionsPropertiesNV;
import org.lwjgl.vulkan.VkCooperativeMatrixPropertiesKHR;
import org.lwjgl.vulkan.VkDeviceCreateInfo;
import org.lwjgl.vulkan.VkPhysicalDevice;
import org.lwjgl.vulkan.VkPhysicalDeviceCooperativeMatrix2FeaturesNV;
import org.lwjgl.vulkan.VkPhysicalDeviceCooperativeMatrixFeaturesKHR;
import org.lwjgl.vulkan.VkPhysicalDeviceFeatures2;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan11Features;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan12Features;

/// Asks a device for its cooperative matrices, and switches them on.
final class CoopMatrices {
  private final boolean listed;
  private final VkPhysicalDeviceCooperativeMatrixFeaturesKHR khr;
  private final VkPhysicalDeviceCooperativeMatrix2FeaturesNV nv;

  private CoopMatrices(MemoryStack stack, boolean listed) {
    this.listed = listed;
    khr = VkPhysicalDeviceCooperativeMatrixFeaturesKHR.calloc(stack).sType$Default();
    nv = VkPhysicalDeviceCooperativeMatrix2FeaturesNV.calloc(stack).sType$Default();
  }

  /// Adds the questions to those about other features.
  static CoopMatrices ask(
      MemoryStack stack, Set<String> extensions, VkPhysicalDeviceFeatures2 features) {
    boolean listed = extensions.contains(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME);
    CoopMatrices asked = new CoopMatrices(stack, listed);
    if (listed) {
      features.pNext(asked.khr);
      if (extensions.contains(VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME)) {
        features.pNext(asked.nv);
      }
    }
    return asked;
  }

  /// Whether the answers allow products by subgroups. Their kernels are SPIR-V 1.6, which is Vulkan
  /// 1.3, with halves and with the memory model that the extension builds on.
  boolean usable(
      int version,
      VkPhysicalDeviceVulkan11Features features11,
      VkPhysicalDeviceVulkan12Features features12) {
    return listed
        && version >= VK_API_VERSION_1_3
        && khr.cooperativeMatrix()
        && features11.storageBuffer16BitAccess()
        && features12.shaderFloat16()
        && features12.vulkanMemoryModel()
        && features12.vulkanMemoryModelDeviceScope();
  }

  /// Whether they allow the same by workgroups, with everything that such kernels use.
  boolean usableByWorkgroups() {
    return nv.cooperativeMatrixWorkgroupScope()
        && nv.cooperativeMatrixFlexibleDimensions()
        && nv.cooperativeMatrixConversions()
        && nv.cooperativeMatrixReductions()
        && nv.cooperativeMatrixPerElementOperations()
        && nv.cooperativeMatrixTensorAddressing();
  }

  /// Switches on what a device has.
  ///
  /// @param extensions takes the names of the extensions
  static void enable(
      MemoryStack stack,
      Adapter.Features has,
      List<String> extensions,
      VkPhysicalDeviceVulkan12Features features12,
      VkDeviceCreateInfo info) {
    if (!has.coopMatrices()) {
      return;
    }
    extensions.add(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME);
    features12.shaderFloat16(true).vulkanMemoryModel(true).vulkanMemoryModelDeviceScope(true);
    info.pNext(
        VkPhysicalDeviceCooperativeMatrixFeaturesKHR.calloc(stack)
            .sType$Default()
            .cooperativeMatrix(true));
    if (has.coopMatrices2()) {
      extensions.add(VK_NV_COOPERATIVE_MATRIX_2_EXTENSION_NAME);
      info.pNext(
          VkPhysicalDeviceCooperativeMatrix2FeaturesNV.calloc(stack)
              .sType$Default()
              .cooperativeMatrixWorkgroupScope(true)
              .cooperativeMatrixFlexibleDimensions(true)
              .cooperativeMatrixConversions(true)
              .cooperativeMatrixReductions(true)
              .cooperativeMatrixPerElementOperations(true)
              .cooperativeMatrixTensorAddressing(true));
    }
  }

  /// The products of a device on floating-point operands.
  static List<CoopShape> shapes(
      MemoryStack stack, VkPhysicalDevice device, Adapter.Features features) {
    List<CoopShape> shapes = new ArrayList<>();
    if (features.coopMatrices()) {
      ofSubgroups(stack, device, shapes);
    }
    if (features.coopMatrices2()) {
      ofWorkgroups(stack, device, shapes);
    }
    return shapes;
  }

  private static void ofSubgroups(
      MemoryStack stack, VkPhysicalDevice device, List<CoopShape> shapes) {
    String attempt = "list the cooperative matrices of a device";
    IntBuffer count = stack.mallocInt(1);
    Results.check(vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(device, count, null), attempt);
    var all = VkCooperativeMatrixPropertiesKHR.calloc(count.get(0), stack);
    all.forEach(each -> each.sType$Default());
    Results.check(vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(device, count, all), attempt);
    for (VkCooperativeMatrixPropertiesKHR each : all) {
      boolean plain =
          each.scope() == VK_SCOPE_SUBGROUP_KHR
              && !each.saturatingAccumulation()
              && each.AType() == each.BType()
              && each.CType() == each.ResultType();
      Optional<DType> operands = type(each.AType());
      Optional<DType> sums = type(each.ResultType());
      if (plain && operands.isPresent() && sums.isPresent()) {
        shapes.add(
            new CoopShape(
                CoopShape.Scope.SUBGROUP,
                0,
                operands.get(),
                sums.get(),
                each.MSize(),
                each.NSize(),
                each.KSize()));
      }
    }
  }

  private static void ofWorkgroups(
      MemoryStack stack, VkPhysicalDevice device, List<CoopShape> shapes) {
    String attempt = "list the cooperative matrices of a device's workgroups";
    IntBuffer count = stack.mallocInt(1);
    Results.check(
        vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV(device, count, null),
        attempt);
    var all = VkCooperativeMatrixFlexibleDimensionsPropertiesNV.calloc(count.get(0), stack);
    all.forEach(each -> each.sType$Default());
    Results.check(
        vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV(device, count, all),
        attempt);
    for (VkCooperativeMatrixFlexibleDimensionsPropertiesNV each : all) {
      boolean plain =
          each.scope() == VK_SCOPE_WORKGROUP_KHR
              && !each.saturatingAccumulation()
              && each.AType() == each.BType()
              && each.CType() == each.ResultType();
      Optional<DType> operands = type(each.AType());
      Optional<DType> sums = type(each.ResultType());
      if (plain && operands.isPresent() && sums.isPresent()) {
        shapes.add(
            new CoopShape(
                CoopShape.Scope.WORKGROUP,
                each.workgroupInvocations(),
                operands.get(),
                sums.get(),
                each.MGranularity(),
                each.NGranularity(),
                each.KGranularity()));
      }
    }
  }

  private static Optional<DType> type(int component) {
    return switch (component) {
      case VK_COMPONENT_TYPE_FLOAT16_KHR -> Optional.of(DType.F16);
      case VK_COMPONENT_TYPE_FLOAT32_KHR -> Optional.of(DType.F32);
      default -> Optional.empty();
    };
  }
}
