package io.griffinfly.suites.micro;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// The inner loop of a matrix product, 4 rows by 2 vectors over 576 terms of random numbers, on one
/// thread, with its operands in different forms of memory. Floating-point operations are counted
/// for 16 lanes: `ops/ns` is GFLOP/s there, and lanes / 16 of it elsewhere.
///
/// Each form runs in JVMs of its own: the Vector API's access methods share one type profile in a
/// process, and a second form slows the first down. `mixed` shows how much.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class MemoryForms {
  private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int TERMS = 576;
  private static final int ROWS = 4;
  private static final int COUNTED_LANES = 16;
  private static final int FLOPS = 2 * ROWS * 2 * COUNTED_LANES * TERMS;
  private static final int WIDTH = 2 * LANES.length();

  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final float[] left = random(ROWS * TERMS);
  private final float[] right = random(WIDTH * TERMS);
  private final float[] out = new float[ROWS * WIDTH];
  private final Arena arena = Arena.ofShared();
  private final MemorySegment nativeLeft = copy(left);
  private final MemorySegment nativeRight = copy(right);
  private final MemorySegment nativeOut = copy(out);
  private final MemorySegment heapLeft = MemorySegment.ofArray(left);
  private final MemorySegment heapRight = MemorySegment.ofArray(right);
  private final MemorySegment heapOut = MemorySegment.ofArray(out);

  private MemorySegment copy(float[] data) {
    MemorySegment memory = arena.allocate((long) data.length * Float.BYTES, 64);
    return memory.copyFrom(MemorySegment.ofArray(data));
  }

  private static float[] random(int count) {
    Random random = new Random(count);
    float[] data = new float[count];
    for (int i = 0; i < count; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return data;
  }

  /// Checks what the form that ran has left, then frees.
  ///
  /// @throws IllegalStateException if none has left the right sums
  @TearDown
  public void check() {
    double sum = 0;
    double size = 0;
    for (int term = 0; term < TERMS; term++) {
      double product = (double) left[term * ROWS + 1] * right[term * WIDTH + 2];
      sum += product;
      size += Math.abs(product);
    }
    double bound = TERMS * 0x1p-24 * size;
    double onHeap = Math.abs(out[WIDTH + 2] - sum);
    double outside = Math.abs(nativeOut.getAtIndex(FLOAT, WIDTH + 2) - sum);
    arena.close();
    if (!(Math.min(onHeap, outside) <= bound)) {
      throw new IllegalStateException("off by " + onHeap + " and " + outside);
    }
  }

  /// Arrays of floats.
  @Benchmark
  @OperationsPerInvocation(FLOPS)
  public void array() {
    FloatVector zero = FloatVector.zero(LANES);
    FloatVector a0 = zero, a1 = zero, a2 = zero, a3 = zero;
    FloatVector b0 = zero, b1 = zero, b2 = zero, b3 = zero;
    for (int term = 0; term < TERMS; term++) {
      FloatVector y = FloatVector.fromArray(LANES, right, term * WIDTH);
      FloatVector z = FloatVector.fromArray(LANES, right, term * WIDTH + WIDTH / 2);
      FloatVector x = FloatVector.broadcast(LANES, left[term * ROWS]);
      a0 = x.fma(y, a0);
      b0 = x.fma(z, b0);
      x = FloatVector.broadcast(LANES, left[term * ROWS + 1]);
      a1 = x.fma(y, a1);
      b1 = x.fma(z, b1);
      x = FloatVector.broadcast(LANES, left[term * ROWS + 2]);
      a2 = x.fma(y, a2);
      b2 = x.fma(z, b2);
      x = FloatVector.broadcast(LANES, left[term * ROWS + 3]);
      a3 = x.fma(y, a3);
      b3 = x.fma(z, b3);
    }
    FloatVector[] sums = {a0, b0, a1, b1, a2, b2, a3, b3};
    for (int i = 0; i < sums.length; i++) {
      sums[i].intoArray(out, i * WIDTH / 2);
    }
  }

  private static void segments(
      MemorySegment p, long left, MemorySegment q, long right, MemorySegment r, long out) {
    FloatVector zero = FloatVector.zero(LANES);
    FloatVector a0 = zero, a1 = zero, a2 = zero, a3 = zero;
    FloatVector b0 = zero, b1 = zero, b2 = zero, b3 = zero;
    long half = LANES.vectorByteSize();
    for (int term = 0; term < TERMS; term++) {
      FloatVector y = FloatVector.fromMemorySegment(LANES, q, right, ORDER);
      FloatVector z = FloatVector.fromMemorySegment(LANES, q, right + half, ORDER);
      FloatVector x = FloatVector.broadcast(LANES, p.get(FLOAT, left));
      a0 = x.fma(y, a0);
      b0 = x.fma(z, b0);
      x = FloatVector.broadcast(LANES, p.get(FLOAT, left + Float.BYTES));
      a1 = x.fma(y, a1);
      b1 = x.fma(z, b1);
      x = FloatVector.broadcast(LANES, p.get(FLOAT, left + 2 * Float.BYTES));
      a2 = x.fma(y, a2);
      b2 = x.fma(z, b2);
      x = FloatVector.broadcast(LANES, p.get(FLOAT, left + 3 * Float.BYTES));
      a3 = x.fma(y, a3);
      b3 = x.fma(z, b3);
      left += ROWS * Float.BYTES;
      right += 2 * half;
    }
    FloatVector[] sums = {a0, b0, a1, b1, a2, b2, a3, b3};
    for (int i = 0; i < sums.length; i++) {
      sums[i].intoMemorySegment(r, out + i * half, ORDER);
    }
  }

  /// Segments outside the heap.
  @Benchmark
  @OperationsPerInvocation(FLOPS)
  public void nativeSegments() {
    segments(nativeLeft, 0, nativeRight, 0, nativeOut, 0);
  }

  /// Segments over arrays.
  @Benchmark
  @OperationsPerInvocation(FLOPS)
  public void heapSegments() {
    segments(heapLeft, 0, heapRight, 0, heapOut, 0);
  }

  /// One constant segment over every address: what the device does.
  @Benchmark
  @OperationsPerInvocation(FLOPS)
  public void constantSegment() {
    segments(ALL, nativeLeft.address(), ALL, nativeRight.address(), ALL, nativeOut.address());
  }

  /// Segments of both kinds through the same code, as a user's own tensors would bring them.
  @Benchmark
  @OperationsPerInvocation(2 * FLOPS)
  public void mixed() {
    segments(nativeLeft, 0, nativeRight, 0, nativeOut, 0);
    segments(heapLeft, 0, heapRight, 0, heapOut, 0);
  }
}
