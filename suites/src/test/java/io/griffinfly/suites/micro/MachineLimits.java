package io.griffinfly.suites.micro;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// The most that kernels can reach on this machine: multiply-adds in registers, and reading main
/// memory, on all processors at once.
///
/// `fusedMultiplyAdds` counts thousands of floating-point operations, `ops/us` is GFLOP/s; `read`
/// counts thousands of bytes, `ops/us` is GB/s.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Threads(Threads.MAX)
public class MachineLimits {
  private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int FLOATS = 125 << 10;
  private static final int BYTES = 128 << 20;

  /// A factor and a summand that the compiler does not know.
  @State(Scope.Thread)
  public static class Numbers {
    float factor = 0.999f;
    float summand = 0.001f;
  }

  /// Memory far beyond the last-level cache, for each thread its own.
  @State(Scope.Thread)
  public static class Stream {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(BYTES, 64);

    /// Touches every page, so that none is the shared page of zeros.
    @Setup
    public void fill() {
      for (long at = 0; at < BYTES; at += Float.BYTES) {
        memory.set(ValueLayout.JAVA_FLOAT, at, (float) (at % 7));
      }
    }

    /// Frees it.
    @TearDown
    public void free() {
      arena.close();
    }
  }

  /// Twelve chains of multiply-adds: two units of four cycles each need eight.
  @Benchmark
  @OperationsPerInvocation(2 * CHAINS * FLOATS / 1000)
  public FloatVector fusedMultiplyAdds(Numbers numbers) {
    FloatVector f = FloatVector.broadcast(LANES, numbers.factor);
    FloatVector c = FloatVector.broadcast(LANES, numbers.summand);
    FloatVector s0 = c, s1 = c, s2 = c, s3 = c, s4 = c, s5 = c;
    FloatVector s6 = c, s7 = c, s8 = c, s9 = c, s10 = c, s11 = c;
    for (int i = 0; i < FLOATS; i += LANES.length()) {
      s0 = s0.fma(f, c);
      s1 = s1.fma(f, c);
      s2 = s2.fma(f, c);
      s3 = s3.fma(f, c);
      s4 = s4.fma(f, c);
      s5 = s5.fma(f, c);
      s6 = s6.fma(f, c);
      s7 = s7.fma(f, c);
      s8 = s8.fma(f, c);
      s9 = s9.fma(f, c);
      s10 = s10.fma(f, c);
      s11 = s11.fma(f, c);
    }
    FloatVector low = s0.add(s1).add(s2.add(s3)).add(s4.add(s5));
    return low.add(s6.add(s7)).add(s8.add(s9)).add(s10.add(s11));
  }

  /// Sums the stream with four accumulators.
  @Benchmark
  @OperationsPerInvocation(BYTES / 1000)
  public float read(Stream stream) {
    MemorySegment memory = stream.memory;
    FloatVector s0 = FloatVector.zero(LANES), s1 = s0, s2 = s0, s3 = s0;
    int step = LANES.vectorByteSize();
    for (long at = 0; at < BYTES; at += 4L * step) {
      s0 = s0.add(at(memory, at));
      s1 = s1.add(at(memory, at + step));
      s2 = s2.add(at(memory, at + 2L * step));
      s3 = s3.add(at(memory, at + 3L * step));
    }
    return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
  }

  private static FloatVector at(MemorySegment memory, long offset) {
    return FloatVector.fromMemorySegment(LANES, memory, offset, ByteOrder.nativeOrder());
  }
}
