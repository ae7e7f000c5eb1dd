package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// How the Vulkan device is opened. Immutable.
///
/// @param cacheFolder where compiled kernels are kept from run to run; empty to keep none
/// @param validation is told of every mistake that the Khronos validation layer finds, with
///   synchronization validation; empty runs without the layer, at full speed
/// @param profile from what the device is to what kernels are chosen and written for
/// @param failure what is to go wrong on purpose; empty in earnest
public record VulkanOptions(
    Optional<Path> cacheFolder,
    Optional<Consumer<String>> validation,
    UnaryOperator<DeviceProfile> profile,
    Optional<VulkanFailure> failure) {
  /// Kernels are kept in the user's cache folder, nothing is validated.
  ///
  /// @return the options
  public static VulkanOptions defaults() {
    Path home = Path.of(System.getProperty("user.home", "."));
    return new VulkanOptions(
        Optional.of(home.resolve(".cache").resolve("griffinfly").resolve("vulkan")),
        Optional.empty(),
        profile -> profile,
        Optional.empty());
  }

  /// The same with another cache.
  ///
  /// @param folder where compiled kernels are kept; is made if it is not there
  /// @return the options
  public VulkanOptions withCache(Path folder) {
    return new VulkanOptions(Optional.of(folder), validation, profile, failure);
  }

  /// The same without a cache on disk.
  ///
  /// @return the options
  public VulkanOptions withoutCache() {
    return new VulkanOptions(Optional.empty(), validation, profile, failure);
  }

  /// The same under the validation layer, which makes everything some times slower.
  ///
  /// @param messages is told of each mistake, on any thread
  /// @return the options
  public VulkanOptions withValidation(Consumer<String> messages) {
    return new VulkanOptions(cacheFolder, Optional.of(messages), profile, failure);
  }

  /// The same with kernels for another profile, to try on this device what another would run.
  ///
  /// @param change from the device's profile to one that asks for no more than the device has
  /// @return the options
  public VulkanOptions withProfile(UnaryOperator<DeviceProfile> change) {
    return new VulkanOptions(cacheFolder, validation, change, failure);
  }

  /// The same with a failure, for tests of what a program does when it meets one.
  ///
  /// @param planned what is to go wrong
  /// @return the options
  public VulkanOptions withFailure(VulkanFailure planned) {
    return new VulkanOptions(cacheFolder, validation, profile, Optional.of(planned));
  }
}
