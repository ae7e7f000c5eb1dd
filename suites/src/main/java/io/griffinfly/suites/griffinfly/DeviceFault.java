package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.vulkan.VulkanFailure;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A failure of a GPU, committed on purpose, to see that a run ends as it should: with one line and
/// the exit code that is documented.
enum DeviceFault {
  /// There is no memory for the parameters.
  DEVICE_OUT_OF_MEMORY,
  /// The device is lost while the first program runs.
  DEVICE_LOST;

  /// The fault of a name; empty if that is no fault of a device.
  static Optional<DeviceFault> named(@Nullable String name) {
    return Arrays.stream(values())
        .filter(fault -> fault.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst();
  }

  /// What goes wrong.
  VulkanFailure failure() {
    return switch (this) {
      case DEVICE_OUT_OF_MEMORY -> new VulkanFailure(VulkanFailure.Call.ALLOCATION, 1);
      // More copies than the tiny case has weights, fewer than it has outputs too.
      case DEVICE_LOST -> new VulkanFailure(VulkanFailure.Call.SUBMISSION, 60);
    };
  }
}
