package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory of a kernel that outlives a task: partial results that another task reads. It is freed
/// with the kernel that holds it.
///
/// @param memory the bytes
record Workspace(MemorySegment memory) {
  static Workspace of(long bytes) {
    return new Workspace(NativeHeap.SHARED.allocate(Math.max(bytes, 1), Arena.ofAuto()));
  }

  long address() {
    return memory.address();
  }

  /// The memory as a dense tensor.
  View view(DType type, Shape shape) {
    long[] strides = shape.strides();
    for (int axis = 0; axis < strides.length; axis++) {
      strides[axis] *= type.bytes();
    }
    return new View(type, shape, address(), strides);
  }
}
