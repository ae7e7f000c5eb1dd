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
/// @param rewriting from the source of a kernel, in GLSL, to what is compiled; the same in earnest
/// @param failure what is to go wrong on purpose; empty in earnest
public record VulkanOptions(
    Optional<Path> cacheFolder,
    Optional<Consumer<String>> validation,
    UnaryOperator<DeviceProfile> profile,
    UnaryOperator<String> rewriting,
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
        source -> source,
        Optional.empty());
  }

  /// The same with another cache.
  ///
  /// @param folder where compiled kernels are kept; is made if it is not there
  /// @return the options
  public VulkanOptions withCache(Path folder) {
    return new VulkanOptions(Optional.of(folder), validation, profile, rewriting, failure);
  }

  /// The same without a cache on disk.
  ///
  /// @return the options
  public VulkanOptions withoutCache() {
    return new VulkanOptions(Optional.empty(), validation, profile, rewriting, failure);
  }

  /// The same under the validation layer, which makes everything some times slower.
  ///
  /// @param messages is told of each mistake, on any thread
  /// @return the options
  public VulkanOptions withValidation(Consumer<String> messages) {
    return new VulkanOptions(cacheFolder, Optional.of(messages), profile, rewriting, failure);
  }

  /// The same with kernels for another profile, to try on this device what another would run.
  ///
  /// @param change from the device's profile to one that asks for no more than the device has
  /// @return the options
  public VulkanOptions withProfile(UnaryOperator<DeviceProfile> change) {
    return new VulkanOptions(cacheFolder, validation, change, rewriting, failure);
  }

  /// The same with kernels rewritten before they are compiled, to try on this device what uses a
  /// feature that it lacks.
  ///
  /// @param change from the source of a kernel to one with the same bindings and effect
  /// @return the options
  public VulkanOptions withRewriting(UnaryOperator<String> change) {
    return new VulkanOptions(cacheFolder, validation, profile, change, failure);
  }

  /// The same with a failure, for tests of what a program does when it meets one.
  ///
  /// @param planned what is to go wrong
  /// @return the options
  public VulkanOptions withFailure(VulkanFailure planned) {
    return new VulkanOptions(cacheFolder, validation, profile, rewriting, Optional.of(planned));
  }
}
