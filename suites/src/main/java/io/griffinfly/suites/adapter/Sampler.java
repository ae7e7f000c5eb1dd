package io.griffinfly.suites.adapter;

import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.suites.stats.Pace;
import io.griffinfly.suites.stats.Quantiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// Warms a program up and times it, by the protocol: the number of samples is fixed before the
/// first, and the outputs that are kept are those of the last timed iteration. A program that
/// trains begins anew behind the warm-up.
public final class Sampler {
  private static final int TAIL = 10;

  private final SamplingPlan plan;
  private final LongSupplier clock;

  /// A sampler.
  ///
  /// @param plan minima to keep
  /// @param clock monotonic nanoseconds
  public Sampler(SamplingPlan plan, LongSupplier clock) {
    this.plan = plan;
    this.clock = clock;
  }

  /// What sampling leaves behind.
  ///
  /// @param metric raw samples
  /// @param outputs copies of the last timed iteration's tensors
  public record Sampled(AdapterResult.MetricSamples metric, Map<String, Tensor> outputs) {}

  /// Is told of each sample.
  public interface Listener {
    /// A sample was taken.
    ///
    /// @param done samples so far
    /// @param of samples in all
    /// @param nanos the latest sample, per iteration
    void sampled(int done, int of, long nanos);
  }

  /// Warms up, then times.
  ///
  /// @param program what to time
  /// @param spec its input sets
  /// @param listener progress; called between samples, outside the timed spans
  /// @return samples and outputs
  public Sampled sample(FrameworkAdapter.Program program, ProgramSpec spec, Listener listener) {
    int sets = spec.inputSets().size();
    Warmup warmup = warmUp(program, sets);
    int batch = Math.toIntExact(Math.max(1, ceilDivide(plan.sampleNs(), warmup.pace)));
    int count =
        Math.toIntExact(
            Math.max(plan.samples(), ceilDivide(plan.samplesNs(), batch * warmup.pace)));

    long readbackStart = clock.getAsLong();
    copy(program);
    long readback = clock.getAsLong() - readbackStart;
    if (spec.kind() == ProgramKind.TRAIN_SGD) {
      // At the rate of the case, training for as long as a clock asks could end in no number; what
      // a step does the first time behind a reset is not a step's work.
      program.reset();
      program.run(0);
    }
    boolean poisoned = program.poison();

    long total = (long) count * batch;
    long iteration = 0;
    List<Long> samples = new ArrayList<>(count);
    long bracketStart = clock.getAsLong();
    for (int i = 0; i < count; i++) {
      int first = set(spec.finalSet(), iteration - total, sets);
      long start = clock.getAsLong();
      for (int j = 0; j < batch; j++) {
        program.run((first + j) % sets);
      }
      long elapsed = clock.getAsLong() - start;
      iteration += batch;
      samples.add(elapsed);
      listener.sampled(i + 1, count, elapsed / batch);
    }
    Map<String, Tensor> outputs = copy(program);
    long bracket = clock.getAsLong() - bracketStart;
    return new Sampled(
        new AdapterResult.MetricSamples(
            warmup.iterations,
            warmup.nanos,
            warmup.steady,
            batch,
            samples,
            bracket,
            readback,
            poisoned),
        outputs);
  }

  /// The set of an iteration, counted backwards from the last one, which is -1 and runs the final
  /// set.
  private static int set(int finalSet, long fromEnd, int sets) {
    return (int) Math.floorMod(finalSet + 1 + fromEnd, (long) sets);
  }

  private record Warmup(int iterations, long nanos, boolean steady, long pace) {}

  private Warmup warmUp(FrameworkAdapter.Program program, int sets) {
    double[] nanos = new double[64];
    int iterations = 0;
    long start = clock.getAsLong();
    while (true) {
      long before = clock.getAsLong();
      program.run(iterations % sets);
      long now = clock.getAsLong();
      if (iterations == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * iterations);
      }
      nanos[iterations++] = now - before;
      long elapsed = now - start;
      boolean enough = iterations >= plan.warmupIterations() && elapsed >= plan.warmupNs();
      boolean steady = !plan.steady() || Pace.isSteady(Arrays.copyOf(nanos, iterations));
      if (enough && (steady || elapsed >= plan.warmupCapNs())) {
        double[] tail = Arrays.copyOfRange(nanos, Math.max(0, iterations - TAIL), iterations);
        return new Warmup(iterations, elapsed, steady, Math.max(1, (long) Quantiles.median(tail)));
      }
    }
  }

  private static Map<String, Tensor> copy(FrameworkAdapter.Program program) {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    program
        .outputs()
        .forEach((name, tensor) -> {
          Tensor copy = Tensor.zeros(tensor.type());
          copy.data().copyFrom(tensor.data());
          copies.put(name, copy);
        });
    return copies;
  }

  private static long ceilDivide(long dividend, long divisor) {
    return Math.ceilDiv(dividend, divisor);
  }
}
