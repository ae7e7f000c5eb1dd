package io.griffinfly.engine.vulkan;

import static org.lwjgl.system.MemoryStack.stackPush;
import static org.lwjgl.vulkan.VK10.VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.lwjgl.system.MemoryStack;

/// A word for each step that reads positions which are data. A kernel that finds one outside of its
/// axis puts the lowest such position there; the host looks at the words when a run has ended. By
/// then a training step has updated its parameters: to hold the update back would cost every step
/// an interval in which the words are read.
final class Faults {
  /// What a word holds while nothing is wrong.
  private static final int NONE = -1;

  private final List<Step> steps = new ArrayList<>();
  private final MemorySegment host;
  private final Region region;

  /// @param count number of steps that need a word
  Faults(Context context, Owned owned, int count) {
    try (MemoryStack stack = stackPush()) {
      DeviceBuffer buffer =
          DeviceBuffer.allocate(
              stack,
              context,
              Math.max(1, count) * MemoryPool.ALIGNMENT,
              VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
              Staging.HOST_MEMORY);
      owned.add(buffer::close);
      host = buffer.map().fill((byte) NONE);
      region = buffer.region();
    }
  }

  /// Whether a step reads positions that are data.
  static boolean concerns(Step step) {
    return indices(step).isPresent();
  }

  /// The step's positions.
  private static Optional<View> indices(Step step) {
    if (!(step.spec() instanceof KernelSpec.Direct direct)) {
      return Optional.empty();
    }
    return switch (direct.op()) {
      case Loss _, Gather.Take _ -> Optional.of(step.operands().get(1));
      case Gather.ScatterAdd _ -> Optional.of(step.operands().get(0));
      default -> Optional.empty();
    };
  }

  /// The word of a step.
  Region add(Step step) {
    steps.add(step);
    return region.slice((steps.size() - 1) * MemoryPool.ALIGNMENT, Integer.BYTES);
  }

  /// Throws what the first step that found something has found, and forgets it.
  ///
  /// @param value reads the integer at a view of one element
  /// @throws GraphException if one of the positions was wrong
  void check(ToLongFunction<View> value) {
    GraphException failure = null;
    for (int i = 0; i < steps.size(); i++) {
      long at = i * MemoryPool.ALIGNMENT;
      int position = host.get(ValueLayout.JAVA_INT, at);
      if (position != NONE) {
        host.set(ValueLayout.JAVA_INT, at, NONE);
        failure = failure == null ? failure(steps.get(i), position, value) : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static GraphException failure(Step step, int position, ToLongFunction<View> value) {
    View all = indices(step).orElseThrow();
    long wrong = value.applyAsLong(element(all, position));
    String where = wrong + " at position " + position;
    KernelSpec.Direct direct = (KernelSpec.Direct) step.spec();
    return new GraphException(
        switch (direct.op()) {
          case Gather.Take(int axis) ->
              "index " + where + " leaves an axis of " + direct.operands().get(0).shape().dim(axis);
          case Gather.ScatterAdd(_, int extent) ->
              "index " + where + " leaves an axis of " + extent;
          default ->
              "label "
                  + where
                  + " is none of "
                  + direct.operands().get(0).shape().dim(-1)
                  + " classes";
        });
  }

  private static View element(View all, int position) {
    long offset = all.layout().offset();
    long rest = position;
    for (int axis = all.type().shape().rank() - 1; axis >= 0; axis--) {
      int extent = all.type().shape().dim(axis);
      offset += rest % extent * all.layout().stride(axis);
      rest /= extent;
    }
    DType type = all.type().dtype();
    return new View(
        all.buffer(), TensorType.of(type), io.griffinfly.engine.kernel.Layout.of(offset));
  }
}
