package io.griffinfly.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.plan.Buffer;
import io.griffinfly.engine.plan.Device;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.Executable;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import io.griffinfly.engine.ref.Value;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One kernel as a plan of one step, bound to memory of a device, each operand and result in a
/// buffer of its own with untouched memory around it.
public final class KernelRun implements AutoCloseable {
  private static final byte POISON = (byte) 0xFF;
  private static final int GUARD = 128;

  private final KernelSpec spec;
  private final List<View> views = new ArrayList<>();
  private final List<DeviceMemory> memory = new ArrayList<>();
  private final List<Buffer> buffers = new ArrayList<>();
  private final Executable executable;

  private KernelRun(Device device, Schedule schedule, KernelSpec spec, Lie lie, boolean inPlace) {
    this.spec = spec;
    spec.operands().forEach(type -> add(device, type, lie));
    if (!inPlace) {
      spec.results().forEach(type -> add(device, type, lie));
    }
    int operands = spec.operands().size();
    long bytes = offer(device, schedule, spec, lie).orElseThrow().workspaceBytes();
    Map<Integer, DeviceMemory> states = new HashMap<>();
    memory.forEach(each -> states.put(states.size(), each));
    List<View> tensors = List.copyOf(views);
    Optional<View> workspace = workspace(bytes);
    Step step =
        new Step(
            spec,
            schedule,
            tensors.subList(0, operands),
            inPlace ? tensors.subList(0, operands) : tensors.subList(operands, tensors.size()),
            workspace);
    executable = device.load(plan(step, bytes), states);
  }

  private void add(Device device, TensorType type, Lie lie) {
    Layout layout = lie.layout(type.shape());
    long end = layout.offset() + 1;
    for (int axis = 0; axis < layout.rank(); axis++) {
      end += Math.max(0, type.shape().dim(axis) - 1) * layout.stride(axis);
    }
    long elements = end + GUARD;
    views.add(new View(buffers.size(), type, layout));
    buffers.add(new Buffer(buffers.size(), Buffer.Kind.STATE, "test", type.dtype(), elements));
    memory.add(device.allocate(elements * type.dtype().bytes()));
  }

  private Optional<View> workspace(long bytes) {
    if (bytes == 0) {
      return Optional.empty();
    }
    int floats = Math.toIntExact(Math.ceilDiv(bytes, Float.BYTES));
    buffers.add(new Buffer(buffers.size(), Buffer.Kind.TEMPORARY, "workspace", DType.F32, floats));
    TensorType type = TensorType.of(DType.F32, floats);
    return Optional.of(new View(buffers.size() - 1, type, Layout.dense(type.shape())));
  }

  private ExecutionPlan plan(Step step, long workspaceBytes) {
    return new ExecutionPlan(
        List.copyOf(buffers),
        workspaceBytes == 0 ? Map.of() : Map.of(buffers.size() - 1, 0L),
        workspaceBytes,
        Map.of(),
        new LinkedHashMap<>(),
        new LinkedHashMap<>(),
        List.of(),
        List.of(List.of(step)),
        new LinkedHashMap<>(),
        null);
  }

  private static Optional<Schedule.Offer> offer(
      Device device, Schedule schedule, KernelSpec spec, Lie lie) {
    return schedule.offer(
        spec,
        spec.operands().stream().map(type -> lie.layout(type.shape())).toList(),
        spec.results().stream().map(type -> lie.layout(type.shape())).toList(),
        device.profile());
  }

  /// The schedules of a device that take a spec.
  static List<? extends Schedule> schedules(Device device, KernelSpec spec, Lie lie) {
    return device.schedules().stream()
        .filter(schedule -> offer(device, schedule, spec, lie).isPresent())
        .toList();
  }

  /// Runs a spec by every schedule that takes it, twice on each of the subject's devices, and
  /// demands the same bits every time.
  ///
  /// @return what each schedule finds, by its name; empty if the subject excludes the spec
  static Map<String, List<double[]>> all(
      Subject subject, KernelSpec spec, List<Value.Array> inputs, Lie lie) {
    List<? extends Schedule> schedules = schedules(subject.devices().getFirst(), spec, lie);
    Optional<String> exclusion = subject.exclusion(spec);
    assertEquals(exclusion.isPresent(), schedules.isEmpty(), () -> subject + " takes " + spec);
    Map<String, List<double[]>> found = new LinkedHashMap<>();
    schedules.forEach(each -> found.put(each.name(), by(each, subject, spec, inputs, lie)));
    subject.requireNoComplaints();
    return found;
  }

  /// The same by one schedule, which must take the spec.
  ///
  /// @param name of the schedule
  /// @return what it finds
  static List<double[]> by(
      String name, Subject subject, KernelSpec spec, List<Value.Array> inputs, Lie lie) {
    Schedule schedule = schedule(subject.devices().getFirst(), name, spec, lie);
    List<double[]> found = by(schedule, subject, spec, inputs, lie);
    subject.requireNoComplaints();
    return found;
  }

  /// Whether a schedule takes a spec on a subject's devices.
  static boolean takes(Schedule schedule, Subject subject, KernelSpec spec, Lie lie) {
    return offer(subject.devices().getFirst(), schedule, spec, lie).isPresent();
  }

  /// Runs a spec by one schedule, twice on each of the subject's devices, and demands the same bits
  /// every time.
  ///
  /// @return what it finds
  static List<double[]> by(
      Schedule schedule, Subject subject, KernelSpec spec, List<Value.Array> inputs, Lie lie) {
    List<double[]> first = List.of();
    for (Device device : subject.devices()) {
      try (KernelRun run = new KernelRun(device, schedule, spec, lie, false)) {
        run.operands(inputs);
        for (int repeat = 0; repeat < 2; repeat++) {
          List<double[]> results = run.results();
          first = first.isEmpty() ? results : first;
          for (int i = 0; i < results.size(); i++) {
            assertArrayEquals(first.get(i), results.get(i), 0, spec + " differs on " + device);
          }
        }
      }
    }
    return first;
  }

  /// A schedule by its name.
  private static Schedule schedule(Device device, String name, KernelSpec spec, Lie lie) {
    return schedules(device, spec, lie).stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " does not take " + spec + " " + lie));
  }

  /// A kernel of a schedule.
  static KernelRun named(Device device, String name, KernelSpec spec, Lie lie) {
    return new KernelRun(device, schedule(device, name, spec, lie), spec, lie, false);
  }

  /// A kernel of the schedule that a plan would take.
  static KernelRun first(Device device, KernelSpec spec, Lie lie) {
    List<? extends Schedule> schedules = schedules(device, spec, lie);
    assertFalse(schedules.isEmpty(), () -> device + " takes " + spec);
    return new KernelRun(device, schedules.getLast(), spec, lie, false);
  }

  /// A kernel whose results lie over its operands.
  static KernelRun inPlace(Device device, KernelSpec spec, Lie lie) {
    return new KernelRun(device, schedules(device, spec, lie).getLast(), spec, lie, true);
  }

  /// The same of a schedule.
  static KernelRun inPlace(Device device, String name, KernelSpec spec, Lie lie) {
    return new KernelRun(device, schedule(device, name, spec, lie), spec, lie, true);
  }

  /// Runs and reads the operands.
  List<double[]> overwritten() {
    executable.run();
    return java.util.stream.IntStream.range(0, views.size()).mapToObj(this::result).toList();
  }

  /// Fills the operands.
  void operands(List<Value.Array> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      operand(i, inputs.get(i));
    }
  }

  /// Fills one operand.
  void operand(int index, Value.Array value) {
    Tensor whole = poisoned(index);
    for (int i = 0; i < value.size(); i++) {
      whole.setDouble(position(views.get(index), i), value.get(i));
    }
    memory.get(index).write(0, whole.data());
  }

  private Tensor poisoned(int index) {
    Buffer buffer = buffers.get(index);
    Tensor whole = Tensor.zeros(TensorType.of(buffer.dtype(), Math.toIntExact(buffer.elements())));
    whole.data().fill(POISON);
    return whole;
  }

  private static long position(View view, long element) {
    long position = view.layout().offset();
    long rest = element;
    for (int axis = view.layout().rank() - 1; axis >= 0; axis--) {
      int extent = view.type().shape().dim(axis);
      position += rest % extent * view.layout().stride(axis);
      rest /= extent;
    }
    return position;
  }

  /// Poisons the results, runs, and reads them, untouched memory around them.
  List<double[]> results() {
    int operands = spec.operands().size();
    for (int i = operands; i < views.size(); i++) {
      memory.get(i).write(0, poisoned(i).data());
    }
    executable.poison();
    executable.prepare();
    executable.run();
    List<double[]> results = new ArrayList<>();
    for (int i = operands; i < views.size(); i++) {
      results.add(result(i));
    }
    return results;
  }

  private double[] result(int index) {
    View view = views.get(index);
    Tensor whole = poisoned(index);
    memory.get(index).read(0, whole.data());
    double[] elements = new double[Math.toIntExact(view.type().shape().size())];
    int bytes = view.type().dtype().bytes();
    boolean[] occupied = new boolean[Math.toIntExact(whole.data().byteSize())];
    for (int i = 0; i < elements.length; i++) {
      int at = Math.toIntExact(position(view, i));
      elements[i] = whole.getDouble(at);
      java.util.Arrays.fill(occupied, at * bytes, (at + 1) * bytes, true);
    }
    for (int i = 0; i < occupied.length; i++) {
      if (!occupied[i]) {
        byte found = whole.data().get(ValueLayout.JAVA_BYTE, i);
        assertEquals(POISON, found, "byte " + i + " around " + view.type() + " was written");
      }
    }
    return elements;
  }

  @Override
  public void close() {
    executable.close();
    memory.forEach(DeviceMemory::close);
  }
}
