package io.griffinfly.engine.vulkan;

import static org.lwjgl.vulkan.VK10.VK_ERROR_DEVICE_LOST;
import static org.lwjgl.vulkan.VK10.VK_ERROR_EXTENSION_NOT_PRESENT;
import static org.lwjgl.vulkan.VK10.VK_ERROR_FEATURE_NOT_PRESENT;
import static org.lwjgl.vulkan.VK10.VK_ERROR_INCOMPATIBLE_DRIVER;
import static org.lwjgl.vulkan.VK10.VK_ERROR_INITIALIZATION_FAILED;
import static org.lwjgl.vulkan.VK10.VK_ERROR_LAYER_NOT_PRESENT;
import static org.lwjgl.vulkan.VK10.VK_ERROR_OUT_OF_DEVICE_MEMORY;
import static org.lwjgl.vulkan.VK10.VK_ERROR_OUT_OF_HOST_MEMORY;
import static org.lwjgl.vulkan.VK10.VK_SUCCESS;

import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.DeviceLostException;
import io.griffinfly.engine.plan.DeviceMemoryException;

/// From result codes to exceptions.
final class Results {
  private Results() {}

  /// Does nothing if a call succeeded.
  ///
  /// @param result what a Vulkan function returned
  /// @param attempt what was tried, to follow "cannot"
  /// @throws DeviceException if it failed
  static void check(int result, String attempt) {
    if (result != VK_SUCCESS) {
      throw failure(result, attempt);
    }
  }

  /// The exception for a failed call.
  static DeviceException failure(int result, String attempt) {
    String cannot = "cannot " + attempt + ": ";
    return switch (result) {
      case VK_ERROR_OUT_OF_DEVICE_MEMORY ->
          new DeviceMemoryException(
              cannot + "the device is out of memory; use a smaller batch or model");
      case VK_ERROR_OUT_OF_HOST_MEMORY ->
          new DeviceMemoryException(cannot + "the host is out of memory");
      case VK_ERROR_DEVICE_LOST ->
          new DeviceLostException(
              cannot + "the device was lost; close it and open it anew, and see the system's log");
      case VK_ERROR_INCOMPATIBLE_DRIVER, VK_ERROR_INITIALIZATION_FAILED ->
          new DeviceAbsentException(cannot + Loader.NO_DRIVER);
      case VK_ERROR_LAYER_NOT_PRESENT ->
          new DeviceAbsentException(cannot + "a layer is not installed");
      case VK_ERROR_EXTENSION_NOT_PRESENT, VK_ERROR_FEATURE_NOT_PRESENT ->
          new DeviceAbsentException(cannot + "the driver lacks what it had promised; update it");
      default -> new DeviceException(cannot + "Vulkan returned " + result);
    };
  }
}
