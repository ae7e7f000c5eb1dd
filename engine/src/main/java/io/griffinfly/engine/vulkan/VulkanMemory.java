package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.plan.DeviceMemory;
import java.lang.foreign.MemorySegment;

/// A part of the device's memory.
final class VulkanMemory implements DeviceMemory {
  private final VulkanDevice device;
  private final Region region;
  private final boolean isOwner;

  VulkanMemory(VulkanDevice device, Region region, boolean isOwner) {
    this.device = device;
    this.region = region;
    this.isOwner = isOwner;
  }

  Region region() {
    return region;
  }

  @Override
  public long bytes() {
    return region.bytes();
  }

  @Override
  public void write(long offset, MemorySegment from) {
    device.write(region.slice(offset, from.byteSize()), from);
  }

  @Override
  public void read(long offset, MemorySegment to) {
    device.read(region.slice(offset, to.byteSize()), to);
  }

  @Override
  public DeviceMemory slice(long offset, long bytes) {
    return new VulkanMemory(device, region.slice(offset, bytes), false);
  }

  @Override
  public void close() {
    if (isOwner) {
      device.give(region);
    }
  }
}
