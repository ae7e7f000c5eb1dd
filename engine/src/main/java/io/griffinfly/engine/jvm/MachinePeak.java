package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.jvm.Lanes.FLOATS;
import static io.griffinfly.engine.jvm.Memory.ALL;
import static io.griffinfly.engine.jvm.Memory.MASK;
import static io.griffinfly.engine.jvm.Memory.ORDER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The rates that no kernel of this device can beat on this machine, measured: what a kernel's time
/// is a percentage of.
///
/// **Arithmetic.** Each thread runs multiply-adds on [twelve independent vectors][#ACCUMULATORS] of
/// the widest species and touches no memory. A multiply-add takes four cycles and a core starts two
/// in each on current x86 processors, so eight chains would do; twelve leave room for others, and
/// with their two factors still fit into 16 registers.
///
/// **Memory.** Each thread reads a part of its own of [half a gigabyte][#BUFFER_BYTES], front to
/// back, and adds it up in eight vectors: far more than a last-level cache holds, so that it all
/// comes from memory. The buffer was written before: pages that never were would all be one page of
/// zeros, which stays in a cache.
///
/// **Procedure.** The two are measured in turns, in many windows of one to two milliseconds, of
/// which the best counts. Windows are short because another program that takes a processor away
/// takes it for a few milliseconds: of ten windows of 10 ms on two busy processors the best showed
/// half of what these show. The first [rounds][#WARM_UP_ROUNDS] are C2's, to compile the loops.
/// Takes about a second.
///
/// @param threads that were busy at once
/// @param flopsPerSecond single-precision operations of all threads; a multiply-add counts two
/// @param bytesPerSecond bytes that all threads read from memory
public record MachinePeak(int threads, double flopsPerSecond, double bytesPerSecond) {
  private static final int WARM_UP_ROUNDS = 10;
  private static final int ROUNDS = 40;

  private static final int ACCUMULATORS = 12;

  /// Calls of a loop in one window: C2 replaces a loop sooner that is entered often. All together
  /// are about 1 ms, against which handing work to threads that spin is nothing.
  private static final int CALLS = 40;

  /// Multiply-adds of each accumulator in one call.
  private static final int ITERATIONS = 10_000;

  private static final long BUFFER_BYTES = 512L << 20;

  /// Windows that the buffer is read in, a slice each: a slice comes round again after all others.
  private static final int SLICES = 8;

  /// Bytes that are read in one call.
  private static final long BLOCK_BYTES = 1L << 20;

  /// Vectors that the reading loop takes in one iteration.
  private static final int STREAMS = 8;

  /// Measures this machine.
  ///
  /// @param threads to keep busy, the caller included
  /// @return its peak
  public static MachinePeak measure(int threads) {
    long part = Math.max(1, BUFFER_BYTES / SLICES / BLOCK_BYTES / threads) * BLOCK_BYTES;
    long slice = part * threads;
    try (WorkerPool pool = new WorkerPool(threads);
        Arena arena = Arena.ofShared()) {
      MemorySegment buffer = NativeHeap.SHARED.allocate(slice * SLICES, arena).fill((byte) 1);
      MemorySegment sums = arena.allocate(Memory.ALIGNMENT * 2L * threads, Memory.ALIGNMENT);
      Kernel arithmetic = new Arithmetic(threads, sums);
      long arithmeticNanos = Long.MAX_VALUE;
      long readingNanos = Long.MAX_VALUE;
      for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
        for (int window = 0; window < SLICES; window++) {
          long first = nanos(pool, arithmetic);
          MemorySegment now = buffer.asSlice(window * slice, slice);
          long second = nanos(pool, new Reading(threads, part, now, sums));
          if (round >= 0) {
            arithmeticNanos = Math.min(arithmeticNanos, first);
            readingNanos = Math.min(readingNanos, second);
          }
        }
      }
      double flops = 2.0 * ACCUMULATORS * ITERATIONS * CALLS * Lanes.COUNT * threads;
      return new MachinePeak(
          threads, flops / arithmeticNanos * 1e9, (double) slice / readingNanos * 1e9);
    }
  }

  private static long nanos(WorkerPool pool, Kernel kernel) {
    long start = System.nanoTime();
    pool.run(kernel);
    return System.nanoTime() - start;
  }

  /// One task a thread. What it computes is stored, so that it has to be computed.
  private record Arithmetic(int tasks, MemorySegment sums) implements Kernel {
    @Override
    public void run(int task, long scratch) {
      long out = Memory.address(sums, 2L * task * Memory.ALIGNMENT, Lanes.BYTES);
      for (int call = 0; call < CALLS; call++) {
        multiplyAdd(ITERATIONS, out & MASK);
      }
    }

    /// Every chain starts elsewhere, so that none is another one's copy, and converges to 1:
    /// neither infinite nor subnormal, which would have another speed.
    private static void multiplyAdd(int iterations, long out) {
      FloatVector half = FloatVector.broadcast(FLOATS, 0.5f);
      FloatVector a0 = half.add(1), a1 = half.add(2), a2 = half.add(3), a3 = half.add(4);
      FloatVector a4 = half.add(5), a5 = half.add(6), a6 = half.add(7), a7 = half.add(8);
      FloatVector a8 = half.add(9), a9 = half.add(10), a10 = half.add(11), a11 = half.add(12);
      for (int i = 0; i < iterations; i++) {
        a0 = a0.fma(half, half);
        a1 = a1.fma(half, half);
        a2 = a2.fma(half, half);
        a3 = a3.fma(half, half);
        a4 = a4.fma(half, half);
        a5 = a5.fma(half, half);
        a6 = a6.fma(half, half);
        a7 = a7.fma(half, half);
        a8 = a8.fma(half, half);
        a9 = a9.fma(half, half);
        a10 = a10.fma(half, half);
        a11 = a11.fma(half, half);
      }
      FloatVector low = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
      FloatVector high = a6.add(a7).add(a8).add(a9).add(a10).add(a11);
      low.add(high).intoMemorySegment(ALL, out, ORDER);
    }
  }

  /// One task a thread, on a part of its own.
  private record Reading(int tasks, long part, MemorySegment buffer, MemorySegment sums)
      implements Kernel {
    @Override
    public void run(int task, long scratch) {
      long out = Memory.address(sums, 2L * task * Memory.ALIGNMENT, Lanes.BYTES);
      long from = Memory.address(buffer, task * part, part);
      for (long block = 0; block < part; block += BLOCK_BYTES) {
        add((from + block) & MASK, BLOCK_BYTES, out & MASK);
      }
    }

    private static void add(long from, long bytes, long out) {
      FloatVector zero = FloatVector.zero(FLOATS);
      FloatVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
      FloatVector s4 = zero, s5 = zero, s6 = zero, s7 = zero;
      long p = from;
      long end = from + bytes;
      while (p != end) {
        s0 = s0.add(FloatVector.fromMemorySegment(FLOATS, ALL, p, ORDER));
        s1 = s1.add(FloatVector.fromMemorySegment(FLOATS, ALL, p + Lanes.BYTES, ORDER));
        s2 = s2.add(FloatVector.fromMemorySegment(FLOATS, ALL, p + 2L * Lanes.BYTES, ORDER));
        s3 = s3.add(FloatVector.fromMemorySegment(FLOATS, ALL, p + 3L * Lanes.BYTES, ORDER));
        s4 = s4.add(FloatVector.fromMemorySegment(FLOATS, ALL, p + 4L * Lanes.BYTES, ORDER));
        s5 = s5.add(FloatVector.fromMemorySegment(FLOATS, ALL, p + 5L * Lanes.BYTES, ORDER));
        s6 = s6.add(FloatVector.fromMemorySegment(FLOATS, ALL, p + 6L * Lanes.BYTES, ORDER));
        s7 = s7.add(FloatVector.fromMemorySegment(FLOATS, ALL, p + 7L * Lanes.BYTES, ORDER));
        p = (p + (long) STREAMS * Lanes.BYTES) & MASK;
      }
      FloatVector low = s0.add(s1).add(s2).add(s3);
      low.add(s4.add(s5).add(s6).add(s7)).intoMemorySegment(ALL, out, ORDER);
    }
  }
}
