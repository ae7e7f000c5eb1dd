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
/// process, and a second form slows the first down. `mixed` shows how much. Sums are stored one by
/// one: an array of vectors would box them, at 5 instead of 160.
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

  /// Every address is below it.
  private static final long MASK = Long.MAX_VALUE >> 1;

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
    a0.intoArray(out, 0);
    b0.intoArray(out, 1 * WIDTH / 2);
    a1.intoArray(out, 2 * WIDTH / 2);
    b1.intoArray(out, 3 * WIDTH / 2);
    a2.intoArray(out, 4 * WIDTH / 2);
    b2.intoArray(out, 5 * WIDTH / 2);
    a3.intoArray(out, 6 * WIDTH / 2);
    b3.intoArray(out, 7 * WIDTH / 2);
  }

  private static void segments(MemorySegment p, MemorySegment q, MemorySegment r) {
    FloatVector zero = FloatVector.zero(LANES);
    FloatVector a0 = zero, a1 = zero, a2 = zero, a3 = zero;
    FloatVector b0 = zero, b1 = zero, b2 = zero, b3 = zero;
    long half = LANES.vectorByteSize();
    long left = 0;
    long right = 0;
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
    a0.intoMemorySegment(r, 0, ORDER);
    b0.intoMemorySegment(r, 1 * half, ORDER);
    a1.intoMemorySegment(r, 2 * half, ORDER);
    b1.intoMemorySegment(r, 3 * half, ORDER);
    a2.intoMemorySegment(r, 4 * half, ORDER);
    b2.intoMemorySegment(r, 5 * half, ORDER);
    a3.intoMemorySegment(r, 6 * half, ORDER);
    b3.intoMemorySegment(r, 7 * half, ORDER);
  }

  /// Segments outside the heap.
  @Benchmark
  @OperationsPerInvocation(FLOPS)
  public void nativeSegments() {
    segments(nativeLeft, nativeRight, nativeOut);
  }

  /// Segments over arrays.
  @Benchmark
  @OperationsPerInvocation(FLOPS)
  public void heapSegments() {
    segments(heapLeft, heapRight, heapOut);
  }

  /// One constant segment over every address, and addresses masked so that they need no range
  /// check: what the device does, in the loop form of its kernels, which is part of it: counted by
  /// an `int` as the others are, it did 94 instead of 240.
  @Benchmark
  @OperationsPerInvocation(FLOPS)
  public void constantSegment() {
    FloatVector zero = FloatVector.zero(LANES);
    FloatVector a0 = zero, a1 = zero, a2 = zero, a3 = zero;
    FloatVector b0 = zero, b1 = zero, b2 = zero, b3 = zero;
    long half = LANES.vectorByteSize();
    long at = nativeLeft.address() & MASK;
    long to = nativeRight.address() & MASK;
    long last = to + TERMS * 2L * half;
    while (to != last) {
      FloatVector y = FloatVector.fromMemorySegment(LANES, ALL, to, ORDER);
      FloatVector z = FloatVector.fromMemorySegment(LANES, ALL, to + half, ORDER);
      FloatVector x = FloatVector.broadcast(LANES, ALL.get(FLOAT, at));
      a0 = x.fma(y, a0);
      b0 = x.fma(z, b0);
      x = FloatVector.broadcast(LANES, ALL.get(FLOAT, at + Float.BYTES));
      a1 = x.fma(y, a1);
      b1 = x.fma(z, b1);
      x = FloatVector.broadcast(LANES, ALL.get(FLOAT, at + 2 * Float.BYTES));
      a2 = x.fma(y, a2);
      b2 = x.fma(z, b2);
      x = FloatVector.broadcast(LANES, ALL.get(FLOAT, at + 3 * Float.BYTES));
      a3 = x.fma(y, a3);
      b3 = x.fma(z, b3);
      at = (at + ROWS * Float.BYTES) & MASK;
      to = (to + 2 * half) & MASK;
    }
    long end = nativeOut.address() & MASK;
    a0.intoMemorySegment(ALL, end, ORDER);
    b0.intoMemorySegment(ALL, end + 1 * half, ORDER);
    a1.intoMemorySegment(ALL, end + 2 * half, ORDER);
    b1.intoMemorySegment(ALL, end + 3 * half, ORDER);
    a2.intoMemorySegment(ALL, end + 4 * half, ORDER);
    b2.intoMemorySegment(ALL, end + 5 * half, ORDER);
    a3.intoMemorySegment(ALL, end + 6 * half, ORDER);
    b3.intoMemorySegment(ALL, end + 7 * half, ORDER);
  }

  /// Segments of both kinds through the same code, as a user's own tensors would bring them.
  @Benchmark
  @OperationsPerInvocation(2 * FLOPS)
  public void mixed() {
    segments(nativeLeft, nativeRight, nativeOut);
    segments(heapLeft, heapRight, heapOut);
  }
}
