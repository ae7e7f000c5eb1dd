package io.griffinfly.engine.jvm;

import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.plan.Buffer;
import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.Executable;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A plan bound to native memory.
final class JvmExecutable implements Executable {
  /// A step and the kernels that carry it out, one after the other.
  private record Bound(Step step, List<Kernel> kernels) {}

  private final WorkerPool pool;
  private final List<NativeMemory> owned = new ArrayList<>();
  private final MemorySegment[] segments;
  private final MemorySegment arena;
  private final List<KernelGroup> prepare;
  private final List<List<Bound>> bound;
  private final List<KernelGroup> groups;

  JvmExecutable(ExecutionPlan plan, Map<Integer, DeviceMemory> states, WorkerPool pool) {
    this.pool = pool;
    segments = new MemorySegment[plan.buffers().size()];
    arena = own(Math.max(plan.arenaBytes(), 1));
    for (Buffer buffer : plan.buffers()) {
      segments[buffer.id()] = segment(buffer, plan, states);
    }
    prepare = groups(bind(plan.prepare()));
    bound = bind(plan.levels());
    groups = groups(bound);
    groups.forEach(group -> pool.reserveScratch(group.scratchBytes()));
    pool.run(LoopWarmUp.ofNew());
  }

  private MemorySegment own(long bytes) {
    NativeMemory memory = NativeMemory.allocate(bytes);
    owned.add(memory);
    return memory.segment();
  }

  private MemorySegment segment(
      Buffer buffer, ExecutionPlan plan, Map<Integer, DeviceMemory> states) {
    return switch (buffer.kind()) {
      case STATE ->
          ((NativeMemory) java.util.Objects.requireNonNull(states.get(buffer.id()))).segment();
      case INPUT, DERIVED -> own(Math.max(buffer.bytes(), 1));
      case CONSTANT -> {
        MemorySegment constant = own(Math.max(buffer.bytes(), 1));
        Tensor value = java.util.Objects.requireNonNull(plan.constants().get(buffer.id()));
        yield constant.copyFrom(value.data());
      }
      case TEMPORARY -> {
        Long offset = plan.arenaOffsets().get(buffer.id());
        // A buffer that no step touches has no place.
        yield offset == null ? arena.asSlice(0, 0) : arena.asSlice(offset, buffer.bytes());
      }
    };
  }

  private List<List<Bound>> bind(List<List<Step>> levels) {
    return levels.stream().map(level -> level.stream().map(this::bind).toList()).toList();
  }

  private Bound bind(Step step) {
    List<Operand> operands = step.operands().stream().map(this::operand).toList();
    List<Operand> results = step.results().stream().map(this::operand).toList();
    MemorySegment workspace =
        step.workspace().map(view -> segments[view.buffer()]).orElse(MemorySegment.NULL);
    if (!(step.schedule() instanceof JvmSchedule schedule)) {
      throw new DeviceException(
          "the plan was made for another device: its schedule "
              + step.schedule().name()
              + " is none of the jvm device");
    }
    return new Bound(
        step, schedule.bind(step.spec(), operands, results, workspace, pool.threads()));
  }

  /// The kernels of each level in groups that run at the same time: first those that begin a step,
  /// then those that follow.
  private static List<KernelGroup> groups(List<List<Bound>> levels) {
    List<KernelGroup> groups = new ArrayList<>();
    for (List<Bound> level : levels) {
      int stages = level.stream().mapToInt(step -> step.kernels.size()).max().orElse(0);
      for (int i = 0; i < stages; i++) {
        int stage = i;
        groups.add(
            new KernelGroup(
                level.stream()
                    .filter(step -> step.kernels.size() > stage)
                    .map(step -> step.kernels.get(stage))
                    .toList()));
      }
    }
    return List.copyOf(groups);
  }

  private Operand operand(View view) {
    return new Operand(view.type(), view.layout(), segments[view.buffer()]);
  }

  @Override
  public void prepare() {
    prepare.forEach(pool::run);
  }

  @Override
  public void run() {
    for (int i = 0; i < groups.size(); i++) {
      pool.run(groups.get(i));
    }
  }

  @Override
  public void run(Listener listener) {
    for (List<Bound> level : bound) {
      for (Bound step : level) {
        long start = System.nanoTime();
        step.kernels.forEach(pool::run);
        listener.ran(step.step(), start, System.nanoTime() - start);
      }
    }
  }

  @Override
  public int barriers() {
    return groups.size();
  }

  @Override
  public void write(View view, MemorySegment from) {
    segments[view.buffer()]
        .asSlice(view.layout().offset() * view.type().dtype().bytes(), from.byteSize())
        .copyFrom(from);
  }

  @Override
  public void read(View view, MemorySegment to) {
    TensorType type = view.type();
    Shape shape = type.shape();
    MemorySegment from = segments[view.buffer()];
    int bytes = type.dtype().bytes();
    Layout layout = view.layout();
    if (layout.isDense(shape)) {
      MemorySegment.copy(from, layout.offset() * bytes, to, 0, type.bytes());
      return;
    }
    long[] strides = shape.strides();
    for (long i = 0; i < shape.size(); i++) {
      long rest = i;
      long position = layout.offset();
      for (int axis = 0; axis < shape.rank(); axis++) {
        position += rest / strides[axis] * layout.stride(axis);
        rest %= strides[axis];
      }
      MemorySegment.copy(from, position * bytes, to, i * bytes, bytes);
    }
  }

  @Override
  public void poison() {
    arena.fill((byte) 0xff);
  }

  @Override
  public void close() {
    owned.forEach(NativeMemory::close);
  }
}
