package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_BUFFER_USAGE_TRANSFER_SRC_BIT;

import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.plan.Buffer;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VK10;

/// The memory of a plan: where each of its buffers is, and what the host fills the inputs through.
/// Used under the context's lock.
final class PlanMemory {
  private final VulkanDevice device;
  private final List<Region> owned = new ArrayList<>();
  private final Region[] regions;
  private final Region arena;
  private final Region nothing;
  private final Map<Integer, Upload> uploads = new HashMap<>();
  private final long alignment;

  /// What the host writes an input to; a run begins with copying it to the device.
  ///
  /// @param host where the host writes
  /// @param from the same for the device
  /// @param to the input
  record Upload(MemorySegment host, Region from, Region to) {}

  /// A range of memory and a tensor in it.
  ///
  /// @param region from the first to the last byte of the tensor; begins where a binding may
  /// @param layout counted from the beginning of the region
  record Span(Region region, Layout layout) {}

  PlanMemory(VulkanDevice device, ExecutionPlan plan, Map<Integer, DeviceMemory> states) {
    this.device = device;
    alignment = device.context().adapter().limits().storageAlignment();
    regions = new Region[plan.buffers().size()];
    try {
      nothing = take(1);
      arena = take(plan.arenaBytes());
      for (Buffer buffer : plan.buffers()) {
        regions[buffer.id()] = region(buffer, plan, states);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Region take(long bytes) {
    // Rounded so that it can be filled by words.
    Region region = device.memory().take(Math.max(1, Math.ceilDiv(bytes, 4)) * 4);
    owned.add(region);
    return region;
  }

  private Region region(Buffer buffer, ExecutionPlan plan, Map<Integer, DeviceMemory> states) {
    return switch (buffer.kind()) {
      case STATE -> ((VulkanMemory) Objects.requireNonNull(states.get(buffer.id()))).region();
      case INPUT, DERIVED -> take(buffer.bytes());
      case CONSTANT -> {
        Region region = take(buffer.bytes());
        Tensor value = Objects.requireNonNull(plan.constants().get(buffer.id()));
        device.staging().write(region, value.data());
        yield region;
      }
      case TEMPORARY -> {
        Long offset = plan.arenaOffsets().get(buffer.id());
        // A buffer that no step touches has no place.
        yield offset == null ? nothing : arena.slice(offset, buffer.bytes());
      }
    };
  }

  /// Makes the memory that the host fills inputs through.
  void mapInputs(ExecutionPlan plan, Owned destroyers) {
    long bytes = 0;
    for (View view : plan.inputs().values()) {
      bytes += aligned(regions[view.buffer()].bytes());
    }
    if (bytes == 0) {
      return;
    }
    DeviceBuffer buffer;
    try (MemoryStack stack = stackPush()) {
      buffer =
          DeviceBuffer.allocate(
              stack,
              device.context(),
              bytes,
              VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
              List.of(
                  VK10.VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT
                      | VK10.VK_MEMORY_PROPERTY_HOST_COHERENT_BIT));
    }
    destroyers.add(buffer::close);
    MemorySegment host = buffer.map().fill((byte) 0);
    long at = 0;
    for (View view : plan.inputs().values()) {
      Region to = regions[view.buffer()];
      Region from = buffer.region().slice(at, to.bytes());
      uploads.put(view.buffer(), new Upload(host.asSlice(at, to.bytes()), from, to));
      at += aligned(to.bytes());
    }
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, MemoryPool.ALIGNMENT) * MemoryPool.ALIGNMENT;
  }

  Map<Integer, Upload> uploads() {
    return uploads;
  }

  Region arena() {
    return arena;
  }

  /// The bytes of a tensor.
  Region bytes(View view) {
    int size = view.type().dtype().bytes();
    return regions[view.buffer()].slice(view.first() * size, (view.end() - view.first()) * size);
  }

  /// A tensor as a kernel binds it.
  Span span(View view) {
    if (view.type().shape().size() == 0) {
      return new Span(nothing, Layout.of(0, view.layout().strides()));
    }
    Region exact = bytes(view);
    long before = exact.offset() % alignment;
    return new Span(
        new Region(exact.buffer(), exact.offset() - before, exact.bytes() + before),
        Layout.of(before / view.type().dtype().bytes(), view.layout().strides()));
  }

  /// Memory for a binding that nothing is read through.
  Region nothing() {
    return nothing;
  }

  void close() {
    owned.forEach(device.memory()::give);
    owned.clear();
  }
}
