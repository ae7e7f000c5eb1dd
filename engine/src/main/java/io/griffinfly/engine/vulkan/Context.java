package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.EXTSubgroupSizeControl.VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME;
import static org.lwjgl.vulkan.KHRPortabilitySubset.VK_KHR_PORTABILITY_SUBSET_EXTENSION_NAME;
import static org.lwjgl.vulkan.VK10.vkCreateDevice;
import static org.lwjgl.vulkan.VK10.vkDestroyDevice;
import static org.lwjgl.vulkan.VK10.vkDeviceWaitIdle;
import static org.lwjgl.vulkan.VK10.vkGetDeviceQueue;

import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.plan.DeviceException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkDeviceCreateInfo;
import org.lwjgl.vulkan.VkDeviceQueueCreateInfo;
import org.lwjgl.vulkan.VkPhysicalDeviceFeatures;
import org.lwjgl.vulkan.VkPhysicalDeviceFeatures2;
import org.lwjgl.vulkan.VkPhysicalDeviceSubgroupSizeControlFeaturesEXT;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan11Features;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan12Features;
import org.lwjgl.vulkan.VkQueue;

/// An open device with its queue, and the owner of every native object on it. One thread at a time
/// uses it; the others wait.
final class Context implements AutoCloseable {
  /// How long the end of the process waits for a run that another thread is in.
  private static final long SHUTDOWN_SECONDS = 10;

  private final ReentrantLock lock = new ReentrantLock();
  private final Owned owned;
  private final Adapter adapter;
  private final VkDevice device;
  private final VkQueue queue;
  private final Set<Owned> children = new LinkedHashSet<>();
  private final Thread hook = new Thread(this::closeAtShutdown, "griffinfly-vulkan-shutdown");
  private final Failures failures;
  private boolean closed;

  private Context(Owned owned, Adapter adapter, VkDevice device, Failures failures) {
    this.owned = owned;
    this.adapter = adapter;
    this.device = device;
    this.failures = failures;
    try (MemoryStack stack = stackPush()) {
      PointerBuffer handle = stack.mallocPointer(1);
      vkGetDeviceQueue(device, adapter.queueFamily().orElseThrow(), 0, handle);
      queue = new VkQueue(handle.get(0), device);
    }
  }

  /// Opens a device.
  ///
  /// @param wanted as [AdapterChoice] takes it
  /// @param options how
  /// @throws DeviceException if there is no such device or it does not open
  static Context open(String wanted, VulkanOptions options) {
    Owned owned = new Owned();
    try {
      Instance instance = Instance.open(options.validation());
      owned.add(instance::close);
      List<Adapter> adapters = Adapter.all(instance);
      int index = AdapterChoice.choose(adapters.stream().map(Adapter::info).toList(), wanted);
      Adapter adapter = require(adapters.get(index));
      VkDevice device = create(adapter);
      owned.add(() -> vkDestroyDevice(device, null));
      Context context = new Context(owned, adapter, device, new Failures(options.failure()));
      Runtime.getRuntime().addShutdownHook(context.hook);
      return context;
    } catch (RuntimeException e) {
      owned.close();
      throw e;
    }
  }

  private static Adapter require(Adapter adapter) {
    List<String> missing = adapter.info().missing();
    if (!missing.isEmpty()) {
      throw new DeviceAbsentException(
          adapter.info().name() + " lacks " + missing + "; a newer driver may have it");
    }
    return adapter;
  }

  private static VkDevice create(Adapter adapter) {
    try (MemoryStack stack = stackPush()) {
      List<String> extensions = new ArrayList<>();
      var features11 =
          VkPhysicalDeviceVulkan11Features.calloc(stack)
              .sType$Default()
              .storageBuffer16BitAccess(true);
      var features12 =
          VkPhysicalDeviceVulkan12Features.calloc(stack)
              .sType$Default()
              .storageBuffer8BitAccess(true);
      var features =
          VkPhysicalDeviceFeatures2.calloc(stack)
              .sType$Default()
              .features(VkPhysicalDeviceFeatures.calloc(stack).shaderInt64(true));
      var info =
          VkDeviceCreateInfo.calloc(stack)
              .sType$Default()
              .pNext(features)
              .pNext(features11)
              .pNext(features12);
      if (adapter.features().fixedSubgroups()) {
        extensions.add(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME);
        info.pNext(
            VkPhysicalDeviceSubgroupSizeControlFeaturesEXT.calloc(stack)
                .sType$Default()
                .subgroupSizeControl(true)
                .computeFullSubgroups(true));
      }
      CoopMatrices.enable(stack, adapter.features(), extensions, features12, info);
      if (adapter.extensions().contains(VK_KHR_PORTABILITY_SUBSET_EXTENSION_NAME)) {
        extensions.add(VK_KHR_PORTABILITY_SUBSET_EXTENSION_NAME);
      }
      PointerBuffer names = stack.mallocPointer(extensions.size());
      extensions.forEach(name -> names.put(stack.UTF8(name)));
      var queues =
          VkDeviceQueueCreateInfo.calloc(1, stack)
              .sType$Default()
              .queueFamilyIndex(adapter.queueFamily().orElseThrow())
              .pQueuePriorities(stack.floats(1));
      info.pQueueCreateInfos(queues).ppEnabledExtensionNames(names.flip());
      PointerBuffer handle = stack.mallocPointer(1);
      Results.check(
          vkCreateDevice(adapter.handle(), info, null, handle), "open " + adapter.info().name());
      return new VkDevice(handle.get(0), adapter.handle(), info);
    }
  }

  Adapter adapter() {
    return adapter;
  }

  VkDevice device() {
    return device;
  }

  VkQueue queue() {
    return queue;
  }

  /// Which calls are to fail on purpose.
  Failures failures() {
    return failures;
  }

  /// Does something alone on the device.
  ///
  /// @throws DeviceException if the device is closed
  <T> T alone(Supplier<T> action) {
    lock.lock();
    try {
      if (closed) {
        throw new DeviceException("the vulkan device is closed");
      }
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /// As [#alone(Supplier)], without a result.
  void alone(Runnable action) {
    this.<Boolean>alone(() -> {
      action.run();
      return true;
    });
  }

  /// Native objects that live shorter than the context but not longer.
  Owned child() {
    return alone(() -> {
      Owned child = new Owned();
      children.add(child);
      return child;
    });
  }

  /// Destroys the objects of a child, unless the context has been closed with them.
  void close(Owned child) {
    lock.lock();
    try {
      if (children.remove(child)) {
        child.close();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      destroy();
    } finally {
      lock.unlock();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs and finds everything closed.
      closed = true;
    }
  }

  private void closeAtShutdown() {
    try {
      // A kernel that hangs must not keep the process.
      if (lock.tryLock(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
        try {
          destroy();
        } finally {
          lock.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void destroy() {
    if (closed) {
      return;
    }
    closed = true;
    // Fails when the device is lost; what is on it has to be destroyed all the same.
    vkDeviceWaitIdle(device);
    try (Owned all = new Owned()) {
      all.add(owned::close);
      children.forEach(child -> all.add(child::close));
      children.clear();
    }
  }
}
