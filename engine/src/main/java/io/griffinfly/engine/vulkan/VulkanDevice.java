package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.Executable;
import io.griffinfly.engine.plan.ExecutionPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A GPU, through Vulkan 1.2 or later.
///
/// Should the process end while the device is open, a shutdown hook waits for the run that another
/// thread is in and closes it.
public final class VulkanDevice implements Device {
  private final Context context;
  private final MemoryPool memory;
  private final Staging staging;
  private final Pipelines pipelines;
  private final DeviceProfile profile;

  private VulkanDevice(Context context, VulkanOptions options) {
    this.context = context;
    memory = new MemoryPool(context);
    Owned owned = context.child();
    staging = context.alone(() -> new Staging(context, owned));
    pipelines =
        context.alone(() ->
            new Pipelines(
                context, owned, new KernelCache(options.cacheFolder()), options.rewriting()));
    profile = options.profile().apply(Profiles.of(context.adapter()));
  }

  /// Opens a device.
  ///
  /// @param wanted its index, or a part of its name in any case; empty takes the first of the best
  ///   kind, but no software device
  /// @param options how
  /// @return the device
  /// @throws DeviceException if there is none such, or something that it needs is not installed:
  ///   the message names it
  public static VulkanDevice open(String wanted, VulkanOptions options) {
    // Before any class is touched that cannot be loaded without the bindings.
    Loader.load();
    Context context = Context.open(wanted, options);
    try {
      return new VulkanDevice(context, options);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }

  /// The devices that Vulkan offers on this machine.
  ///
  /// @return the devices, at least one, in the order of their indices
  /// @throws DeviceException if there is no Vulkan here: the message names what to install
  public static List<AdapterInfo> list() {
    Loader.load();
    try (Instance instance = Instance.open(Optional.empty())) {
      return AdapterChoice.requireAny(Adapter.all(instance).stream().map(Adapter::info).toList());
    }
  }

  /// The one of some devices that [#open] takes without a name: the first of the best kind that the
  /// engine can use, never software.
  ///
  /// @param all as [#list] gives them
  /// @return the device; empty if there is none
  public static Optional<AdapterInfo> best(List<AdapterInfo> all) {
    return AdapterChoice.best(all);
  }

  /// What the device is.
  ///
  /// @return the description
  public AdapterInfo info() {
    return context.adapter().info();
  }

  /// Measures what the device can do at most, with nothing else running on it.
  ///
  /// @return its rates
  /// @throws DeviceException if it has no timestamps, or no room for two buffers of up to 512 MB
  public VulkanPeak peak() {
    return context.alone(() -> PeakMeasurement.measure(this));
  }

  /// The most bytes that tensors have taken on the device at once so far.
  ///
  /// @return bytes, without what drivers add and what copies go through
  public long peakBytes() {
    return context.alone(memory::peakBytes);
  }

  Context context() {
    return context;
  }

  MemoryPool memory() {
    return memory;
  }

  Staging staging() {
    return staging;
  }

  Pipelines pipelines() {
    return pipelines;
  }

  @Override
  public DeviceProfile profile() {
    return profile;
  }

  @Override
  public List<? extends Schedule> schedules() {
    return VulkanSchedule.ALL;
  }

  @Override
  public DeviceMemory allocate(long bytes) {
    return new VulkanMemory(this, context.alone(() -> memory.take(bytes)), true);
  }

  void give(Region region) {
    context.alone(() -> memory.give(region));
  }

  void write(Region to, MemorySegment from) {
    context.alone(() -> staging.write(to, from));
  }

  void read(Region from, MemorySegment to) {
    context.alone(() -> staging.read(from, to));
  }

  @Override
  public Executable load(ExecutionPlan plan, Map<Integer, DeviceMemory> states) {
    return VulkanExecutable.load(this, plan, states, new HazardBarriers());
  }

  @Override
  public void close() {
    context.close();
  }
}
