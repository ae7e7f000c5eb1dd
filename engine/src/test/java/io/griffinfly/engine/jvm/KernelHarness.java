package io.griffinfly.engine.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.ref.Value;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/// Runs a spec on random memory layouts and on 1, 2, 3 and 5 threads, twice each, into poisoned
/// results, and demands the same bits every time and untouched memory around the results.
final class KernelHarness {
  private static final byte POISON = (byte) 0xFF;
  private static final int GUARD = 128;

  /// How an operand or a result lies in memory.
  enum Lie {
    /// Row-major without gaps.
    DENSE,
    /// Gaps between rows, not aligned.
    PADDED,
    /// Axes in the opposite order, with gaps.
    REVERSED
  }

  private KernelHarness() {}

  /// Runs a spec whose operands and results all lie as said.
  static List<double[]> run(KernelSpec spec, List<Value.Array> inputs, Lie lie) {
    return run(new GeneralSchedule(), spec, inputs, lie);
  }

  /// The schedules that take a spec whose operands and results all lie as said.
  static List<JvmSchedule> schedules(KernelSpec spec, Lie lie) {
    return JvmSchedule.ALL.stream()
        .filter(schedule -> offer(schedule, spec, lie).isPresent())
        .toList();
  }

  private static Optional<Schedule.Offer> offer(JvmSchedule schedule, KernelSpec spec, Lie lie) {
    return schedule.offer(
        spec,
        spec.operands().stream().map(type -> layout(type.shape(), lie)).toList(),
        spec.results().stream().map(type -> layout(type.shape(), lie)).toList(),
        new DeviceProfile("test", 1, 1, 1));
  }

  /// Runs a spec by one schedule.
  static List<double[]> run(
      JvmSchedule schedule, KernelSpec spec, List<Value.Array> inputs, Lie lie) {
    List<double[]> first = null;
    for (int threads : new int[] {1, 2, 3, 5}) {
      try (WorkerPool pool = new WorkerPool(threads);
          Arena arena = Arena.ofShared()) {
        List<Operand> operands = inputs.stream().map(in -> operand(arena, in, lie)).toList();
        List<Operand> results =
            spec.results().stream().map(type -> poisoned(arena, type, lie)).toList();
        long bytes = offer(schedule, spec, lie).orElseThrow().workspaceBytes();
        MemorySegment workspace = arena.allocate(Math.max(1, bytes), 64);
        List<Kernel> kernels = schedule.bind(spec, operands, results, workspace, threads);
        for (int repeat = 0; repeat < 2; repeat++) {
          results.forEach(result -> result.memory().fill(POISON));
          kernels.forEach(pool::run);
          List<double[]> found = results.stream().map(KernelHarness::elements).toList();
          results.forEach(KernelHarness::requireGuards);
          if (first == null) {
            first = found;
          }
          for (int i = 0; i < found.size(); i++) {
            assertArrayEquals(
                first.get(i), found.get(i), 0, spec + " differs on " + threads + " threads");
          }
        }
      }
    }
    return java.util.Objects.requireNonNull(first);
  }

  static Operand operand(Arena arena, Value.Array array, Lie lie) {
    Operand operand = poisoned(arena, array.type(), lie);
    View view = View.of(operand);
    for (int i = 0; i < array.size(); i++) {
      view.set(i, array.get(i));
    }
    return operand;
  }

  static Operand poisoned(Arena arena, TensorType type, Lie lie) {
    Layout layout = layout(type.shape(), lie);
    long end = layout.offset() + 1;
    for (int axis = 0; axis < layout.rank(); axis++) {
      end += Math.max(0, type.shape().dim(axis) - 1) * layout.stride(axis);
    }
    MemorySegment memory = arena.allocate((end + GUARD) * type.dtype().bytes(), 64);
    memory.fill(POISON);
    return new Operand(type, layout, memory);
  }

  private static Layout layout(Shape shape, Lie lie) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int i = 0; i < strides.length; i++) {
      int axis = lie == Lie.REVERSED ? i : strides.length - 1 - i;
      strides[axis] = stride;
      stride *= shape.dim(axis);
      stride += lie == Lie.DENSE ? 0 : 3;
    }
    return Layout.of(lie == Lie.DENSE ? 64 : 67, strides);
  }

  static double[] elements(Operand operand) {
    View view = View.of(operand);
    return IntStream.range(0, Math.toIntExact(operand.type().shape().size()))
        .mapToDouble(view::get)
        .toArray();
  }

  /// Every byte that no element occupies must still be poisoned.
  private static void requireGuards(Operand operand) {
    View view = View.of(operand);
    boolean[] occupied = new boolean[Math.toIntExact(operand.memory().byteSize())];
    int bytes = operand.type().dtype().bytes();
    for (long i = 0; i < operand.type().shape().size(); i++) {
      int at = Math.toIntExact(view.at(i) - operand.memory().address());
      java.util.Arrays.fill(occupied, at, at + bytes, true);
    }
    for (int i = 0; i < occupied.length; i++) {
      if (!occupied[i]) {
        byte found = operand.memory().get(java.lang.foreign.ValueLayout.JAVA_BYTE, i);
        assertEquals(POISON, found, "byte " + i + " around " + operand.type() + " was written");
      }
    }
  }

  /// Normal numbers, rounded to the type; small integers and truth values where it is one.
  static Value.Array random(TensorType type, long seed) {
    Random random = new Random(seed);
    double[] data = new double[Math.toIntExact(type.shape().size())];
    for (int i = 0; i < data.length; i++) {
      data[i] =
          switch (type.dtype()) {
            case F64, F32, F16, BF16 -> type.dtype().round(random.nextGaussian());
            case I64, I32 -> random.nextInt(19) - 9;
            case BOOL -> random.nextInt(2);
          };
    }
    return Value.Array.of(type, data);
  }

  static List<Value.Array> random(List<TensorType> types, long seed) {
    List<Value.Array> arrays = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      arrays.add(random(types.get(i), seed + i));
    }
    return arrays;
  }

  /// Demands every element within `relative` of the expected one, or within `absolute`.
  static void assertClose(
      Value.Array expected, double[] found, double relative, double absolute, String what) {
    assertEquals(expected.size(), found.length, what);
    for (int i = 0; i < found.length; i++) {
      double want = expected.get(i);
      if (Double.isNaN(want) || Double.isInfinite(want)) {
        assertEquals(want, found[i], what + " element " + i);
      } else {
        double error = Math.abs(found[i] - want);
        assertTrue(
            error <= relative * Math.abs(want) + absolute,
            what + " element " + i + ": " + found[i] + " instead of " + want);
      }
    }
  }

  /// Half a unit in the last place of 1.
  static double epsilon(DType type) {
    return switch (type) {
      case F64 -> 0x1p-53;
      case F32 -> 0x1p-24;
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      case I64, I32, BOOL -> 0;
    };
  }

  static ScalarExpr arg(int index) {
    return new ScalarExpr.Arg(index);
  }

  static ScalarExpr number(double value) {
    return new ScalarExpr.Scalar(value);
  }
}
