package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.Executable;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lwjgl.vulkan.VkCommandBuffer;

/// A plan recorded as command buffers.
final class VulkanExecutable implements Executable {
  private final VulkanDevice device;
  private final Context context;
  private final Owned owned;
  private final PlanMemory memory;
  private final Commands commands;
  private final Faults faults;
  private final List<Binder.Bound> steps;
  private final VkCommandBuffer prepare;
  private final VkCommandBuffer run;
  private final int barrierCount;
  private @Nullable TimedRun timed;
  private boolean closed;

  private VulkanExecutable(
      VulkanDevice device,
      ExecutionPlan plan,
      Map<Integer, DeviceMemory> states,
      Barriers barriers,
      Owned owned) {
    this.device = device;
    this.context = device.context();
    this.owned = owned;
    memory = new PlanMemory(device, plan, states);
    owned.add(memory::close);
    memory.mapInputs(plan, owned);
    commands = new Commands(context, owned);
    List<Step> before = plan.prepare().stream().flatMap(List::stream).toList();
    List<Step> each = plan.levels().stream().flatMap(List::stream).toList();
    long concerned =
        before.stream().filter(Faults::concerns).count()
            + each.stream().filter(Faults::concerns).count();
    faults = new Faults(context, owned, Math.toIntExact(concerned));
    Binder binder = new Binder(device, owned, memory, faults);
    List<Binder.Bound> preparing = binder.bind(before);
    steps = binder.bind(each);
    prepare = commands.allocate();
    record(prepare, preparing, new HazardBarriers(), false);
    run = commands.allocate();
    barrierCount = record(run, steps, barriers, true);
  }

  /// Records a plan.
  ///
  /// @param barriers where barriers stand
  static VulkanExecutable load(
      VulkanDevice device,
      ExecutionPlan plan,
      Map<Integer, DeviceMemory> states,
      Barriers barriers) {
    return device
        .context()
        .alone(() -> {
          Owned owned = device.context().child();
          try {
            return new VulkanExecutable(device, plan, states, barriers, owned);
          } catch (RuntimeException e) {
            device.context().close(owned);
            throw e;
          }
        });
  }

  private int record(
      VkCommandBuffer into, List<Binder.Bound> bound, Barriers barriers, boolean uploads) {
    Recorder recorder = new Recorder(into, barriers);
    commands.record(
        into,
        _ -> {
          if (uploads) {
            memory.uploads().values().forEach(each -> recorder.copy(each.from(), each.to()));
          }
          List<Recorder.Dispatch> dispatches =
              bound.stream().flatMap(step -> step.dispatches().stream()).toList();
          Intervals.order(dispatches).forEach(recorder::dispatch);
          recorder.finish();
        });
    return recorder.barriers();
  }

  /// Number of barriers in a run.
  int barriers() {
    return barrierCount;
  }

  /// Number of dispatches in a run.
  int dispatches() {
    return steps.stream().mapToInt(step -> step.dispatches().size()).sum();
  }

  @Override
  public void prepare() {
    context.alone(() -> {
      commands.run(prepare);
      faults.check(this::integer);
    });
  }

  @Override
  public void run() {
    context.alone(() -> {
      commands.run(run);
      faults.check(this::integer);
    });
  }

  @Override
  public void run(Listener listener) {
    List<TimedRun.Span> spans =
        context.alone(() -> {
          if (timed == null) {
            timed = new TimedRun(context, owned, commands, steps, memory);
          }
          List<TimedRun.Span> found = timed.run();
          faults.check(this::integer);
          return found;
        });
    spans.forEach(span -> listener.ran(span.step(), span.startNanos(), span.elapsedNanos()));
  }

  @Override
  public void write(View view, MemorySegment from) {
    context.alone(() -> {
      PlanMemory.Upload upload = memory.uploads().get(view.buffer());
      if (upload == null) {
        device.staging().write(memory.bytes(view), from);
      } else {
        long offset = view.layout().offset() * view.type().dtype().bytes();
        MemorySegment.copy(from, 0, upload.host(), offset, from.byteSize());
      }
    });
  }

  @Override
  public void read(View view, MemorySegment to) {
    Shape shape = view.type().shape();
    if (shape.size() == 0) {
      return;
    }
    context.alone(() -> {
      Region region = memory.bytes(view);
      if (view.layout().isDense(shape)) {
        device.staging().read(region, to);
        return;
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment all = arena.allocate(region.bytes());
        device.staging().read(region, all);
        gather(view, all, to);
      }
    });
  }

  private static void gather(View view, MemorySegment from, MemorySegment to) {
    Shape shape = view.type().shape();
    Layout layout = view.layout();
    int bytes = view.type().dtype().bytes();
    long[] strides = shape.strides();
    for (long i = 0; i < shape.size(); i++) {
      long rest = i;
      long position = 0;
      for (int axis = 0; axis < shape.rank(); axis++) {
        position += rest / strides[axis] * layout.stride(axis);
        rest %= strides[axis];
      }
      MemorySegment.copy(from, position * bytes, to, i * bytes, bytes);
    }
  }

  private long integer(View element) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(Long.BYTES);
      int bytes = element.type().dtype().bytes();
      device.staging().read(memory.bytes(element), value.asSlice(0, bytes));
      return bytes == Long.BYTES
          ? value.get(ValueLayout.JAVA_LONG, 0)
          : value.get(ValueLayout.JAVA_INT, 0);
    }
  }

  @Override
  public void poison() {
    context.alone(() -> device.staging().fill(memory.arena(), -1));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.close(owned);
    }
  }
}
