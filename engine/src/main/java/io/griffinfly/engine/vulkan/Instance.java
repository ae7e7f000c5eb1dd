package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.EXTDebugUtils.VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
import static org.lwjgl.vulkan.EXTDebugUtils.VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT;
import static org.lwjgl.vulkan.EXTDebugUtils.VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
import static org.lwjgl.vulkan.EXTDebugUtils.VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
import static org.lwjgl.vulkan.EXTDebugUtils.vkCreateDebugUtilsMessengerEXT;
import static org.lwjgl.vulkan.EXTDebugUtils.vkDestroyDebugUtilsMessengerEXT;
import static org.lwjgl.vulkan.EXTLayerSettings.VK_EXT_LAYER_SETTINGS_EXTENSION_NAME;
import static org.lwjgl.vulkan.EXTLayerSettings.VK_LAYER_SETTING_TYPE_BOOL32_EXT;
import static org.lwjgl.vulkan.EXTValidationFeatures.VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
import static org.lwjgl.vulkan.KHRPortabilityEnumeration.VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR;
import static org.lwjgl.vulkan.KHRPortabilityEnumeration.VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME;
import static org.lwjgl.vulkan.VK10.VK_FALSE;
import static org.lwjgl.vulkan.VK10.VK_TRUE;
import static org.lwjgl.vulkan.VK10.vkCreateInstance;
import static org.lwjgl.vulkan.VK10.vkDestroyInstance;
import static org.lwjgl.vulkan.VK10.vkEnumerateInstanceExtensionProperties;
import static org.lwjgl.vulkan.VK10.vkEnumerateInstanceLayerProperties;
import static org.lwjgl.vulkan.VK13.VK_API_VERSION_1_3;

import io.griffinfly.engine.plan.DeviceAbsentException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.vulkan.VkApplicationInfo;
import org.lwjgl.vulkan.VkDebugUtilsMessengerCallbackDataEXT;
import org.lwjgl.vulkan.VkDebugUtilsMessengerCallbackEXT;
import org.lwjgl.vulkan.VkDebugUtilsMessengerCreateInfoEXT;
import org.lwjgl.vulkan.VkExtensionProperties;
import org.lwjgl.vulkan.VkInstance;
import org.lwjgl.vulkan.VkInstanceCreateInfo;
import org.lwjgl.vulkan.VkLayerProperties;
import org.lwjgl.vulkan.VkLayerSettingEXT;
import org.lwjgl.vulkan.VkLayerSettingsCreateInfoEXT;
import org.lwjgl.vulkan.VkValidationFeaturesEXT;

/// A connection to the Vulkan loader, with the validation layer if it is asked for.
final class Instance implements AutoCloseable {
  private static final String LAYER = "VK_LAYER_KHRONOS_validation";

  /// Layers since 1.4 look at what shaders read and write only if they are told to; older ones
  /// always do. Everything here is read and written by shaders.
  private static final String SEES_SHADERS = "syncval_shader_accesses_heuristic";

  private final Owned owned;
  private final VkInstance handle;

  private Instance(Owned owned, VkInstance handle) {
    this.owned = owned;
    this.handle = handle;
  }

  VkInstance handle() {
    return handle;
  }

  /// Connects.
  ///
  /// @param validation is told of each message of the validation layer; empty runs without it
  /// @throws DeviceAbsentException if there is no loader, no driver or no layer
  static Instance open(Optional<Consumer<String>> validation) {
    Owned owned = new Owned();
    try (MemoryStack stack = stackPush()) {
      VkInstance instance = create(stack, validation.isPresent());
      owned.add(() -> vkDestroyInstance(instance, null));
      validation.ifPresent(messages -> listen(instance, messages, owned));
      return new Instance(owned, instance);
    } catch (RuntimeException e) {
      owned.close();
      throw e;
    }
  }

  private static VkInstance create(MemoryStack stack, boolean validate) {
    VkApplicationInfo application =
        VkApplicationInfo.calloc(stack)
            .sType$Default()
            .pApplicationName(stack.UTF8("griffinfly"))
            .apiVersion(VK_API_VERSION_1_3);
    List<ByteBuffer> extensions = new ArrayList<>();
    VkInstanceCreateInfo info =
        VkInstanceCreateInfo.calloc(stack).sType$Default().pApplicationInfo(application);
    if (extensions(stack, null).contains(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME)) {
      extensions.add(stack.UTF8(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME));
      info.flags(VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR);
    }
    if (validate) {
      if (!layers(stack).contains(LAYER)) {
        throw new DeviceAbsentException(
            "validation needs the layer "
                + LAYER
                + ", which is not installed (Debian: apt install vulkan-validationlayers)");
      }
      validate(stack, info, extensions);
    }
    PointerBuffer names = stack.mallocPointer(extensions.size());
    extensions.forEach(names::put);
    info.ppEnabledExtensionNames(names.flip());
    PointerBuffer handle = stack.mallocPointer(1);
    Results.check(vkCreateInstance(info, null, handle), "start Vulkan");
    return new VkInstance(handle.get(0), info);
  }

  private static void validate(
      MemoryStack stack, VkInstanceCreateInfo info, List<ByteBuffer> extensions) {
    ByteBuffer layer = stack.UTF8(LAYER);
    info.ppEnabledLayerNames(stack.pointers(layer));
    extensions.add(stack.UTF8(VK_EXT_DEBUG_UTILS_EXTENSION_NAME));
    IntBuffer enabled = stack.ints(VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT);
    info.pNext(
        VkValidationFeaturesEXT.calloc(stack).sType$Default().pEnabledValidationFeatures(enabled));
    if (extensions(stack, layer).contains(VK_EXT_LAYER_SETTINGS_EXTENSION_NAME)) {
      extensions.add(stack.UTF8(VK_EXT_LAYER_SETTINGS_EXTENSION_NAME));
      VkLayerSettingEXT.Buffer settings = VkLayerSettingEXT.calloc(1, stack);
      settings
          .get(0)
          .pLayerName(layer)
          .pSettingName(stack.UTF8(SEES_SHADERS))
          .type(VK_LAYER_SETTING_TYPE_BOOL32_EXT)
          .valueCount(1)
          .pValues(MemoryUtil.memByteBuffer(stack.ints(VK_TRUE)));
      info.pNext(VkLayerSettingsCreateInfoEXT.calloc(stack).sType$Default().pSettings(settings));
    }
  }

  private static Set<String> layers(MemoryStack stack) {
    IntBuffer count = stack.mallocInt(1);
    Results.check(vkEnumerateInstanceLayerProperties(count, null), "list the layers of Vulkan");
    Set<String> names = new HashSet<>();
    try (VkLayerProperties.Buffer all = VkLayerProperties.calloc(count.get(0))) {
      Results.check(vkEnumerateInstanceLayerProperties(count, all), "list the layers of Vulkan");
      all.forEach(layer -> names.add(layer.layerNameString()));
    }
    return names;
  }

  /// @param layer whose; null for those of the loader and the drivers
  private static Set<String> extensions(MemoryStack stack, @Nullable ByteBuffer layer) {
    IntBuffer count = stack.mallocInt(1);
    String attempt = "list the extensions of Vulkan";
    Results.check(vkEnumerateInstanceExtensionProperties(layer, count, null), attempt);
    Set<String> names = new HashSet<>();
    try (VkExtensionProperties.Buffer all = VkExtensionProperties.calloc(count.get(0))) {
      Results.check(vkEnumerateInstanceExtensionProperties(layer, count, all), attempt);
      all.forEach(extension -> names.add(extension.extensionNameString()));
    }
    return names;
  }

  private static void listen(VkInstance instance, Consumer<String> messages, Owned owned) {
    VkDebugUtilsMessengerCallbackEXT callback =
        VkDebugUtilsMessengerCallbackEXT.create((severity, types, data, user) -> {
          messages.accept(VkDebugUtilsMessengerCallbackDataEXT.create(data).pMessageString());
          return VK_FALSE;
        });
    owned.add(callback::free);
    try (MemoryStack stack = stackPush()) {
      LongBuffer handle = stack.mallocLong(1);
      VkDebugUtilsMessengerCreateInfoEXT info =
          VkDebugUtilsMessengerCreateInfoEXT.calloc(stack)
              .sType$Default()
              .messageSeverity(
                  VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT
                      | VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT)
              .messageType(VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT)
              .pfnUserCallback(callback);
      Results.check(
          vkCreateDebugUtilsMessengerEXT(instance, info, null, handle),
          "listen to the validation layer");
      long messenger = handle.get(0);
      owned.add(() -> vkDestroyDebugUtilsMessengerEXT(instance, messenger, null));
    }
  }

  @Override
  public void close() {
    owned.close();
  }
}
