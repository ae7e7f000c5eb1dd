package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.plan.DeviceAbsentException;
import org.lwjgl.system.Configuration;
import org.lwjgl.system.Library;
import org.lwjgl.vulkan.VK;

/// Loads the Vulkan loader of the system, once a process.
final class Loader {
  static final String NO_DRIVER =
      "no Vulkan driver is installed (Debian: apt install mesa-vulkan-drivers for AMD, Intel and"
          + " the software device; NVIDIA's driver brings its own)";

  private static final String NO_LOADER =
      "the vulkan device needs the Vulkan loader, and this system has none (Debian: apt install"
          + " libvulkan1 mesa-vulkan-drivers)";

  private static final String NO_BINDINGS =
      "the vulkan device needs LWJGL: put org.lwjgl:lwjgl, lwjgl-vulkan and lwjgl-shaderc beside"
          + " the engine, with the natives of this platform";

  private static final String NO_NATIVES =
      "the vulkan device does not find LWJGL's native libraries: put the natives of this platform"
          + " on the class path, or start java with --add-modules"
          + " org.lwjgl.natives,org.lwjgl.shaderc.natives";

  private static boolean loaded;

  private Loader() {}

  /// Loads it.
  ///
  /// @throws DeviceAbsentException if something is missing, named with the package that has it
  static synchronized void load() {
    if (loaded) {
      return;
    }
    try {
      Class.forName("org.lwjgl.vulkan.VK", false, Loader.class.getClassLoader());
      Class.forName("org.lwjgl.util.shaderc.Shaderc", false, Loader.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new DeviceAbsentException(NO_BINDINGS, e);
    }
    try {
      // Else the bindings load the loader in a static block, whose failure is an obscure error.
      Configuration.VULKAN_EXPLICIT_INIT.set(true);
      Library.initialize();
    } catch (LinkageError e) {
      throw new DeviceAbsentException(NO_NATIVES, e);
    }
    try {
      VK.create();
    } catch (UnsatisfiedLinkError e) {
      throw new DeviceAbsentException(NO_LOADER, e);
    }
    loaded = true;
  }
}
