package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.Layout;

/// Hands out parts of a step's workspace.
final class Workspace {
  private long bytes;

  /// Room for a dense tensor.
  Place take(DType type, Shape shape) {
    TensorType tensor = new TensorType(type, shape);
    long size = Math.max(1, tensor.bytes());
    Slot slot = new Slot.Workspace(bytes, size);
    bytes += Math.ceilDiv(size, MemoryPool.ALIGNMENT) * MemoryPool.ALIGNMENT;
    return new Place(slot, tensor, Layout.dense(shape));
  }

  /// What has been handed out.
  long bytes() {
    return bytes;
  }
}
