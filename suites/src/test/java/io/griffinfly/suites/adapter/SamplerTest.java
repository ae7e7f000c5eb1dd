package io.griffinfly.suites.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.suites.validate.Audit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sampling under a clock that only programs move.
class SamplerTest {
  private static final long MILLI = 1_000_000;
  private static final SamplingPlan QUICK =
      new SamplingPlan(3, 1000 * MILLI, 30_000 * MILLI, false, 5, 1000 * MILLI, 5 * MILLI);

  /// Takes as long as a function of its run's number says.
  private static final class Clockwork implements FrameworkAdapter.Program {
    private final LongUnaryOperator nanosOfRun;
    private final List<Integer> sets = new ArrayList<>();
    private long now;
    private int poisonedAt = -1;
    private final List<Integer> resetsAt = new ArrayList<>();

    Clockwork(LongUnaryOperator nanosOfRun) {
      this.nanosOfRun = nanosOfRun;
    }

    @Override
    public void run(int inputSet) {
      now += nanosOfRun.applyAsLong(sets.size());
      sets.add(inputSet);
    }

    @Override
    public boolean poison() {
      poisonedAt = sets.size();
      return true;
    }

    @Override
    public void reset() {
      resetsAt.add(sets.size());
    }

    @Override
    public double loss() {
      return 0;
    }

    @Override
    public Map<String, Tensor> outputs() {
      now += MILLI / 10;
      float latest = sets.getLast();
      return Map.of("out/y", Tensor.of(new float[] {latest}, 1));
    }

    @Override
    public Map<String, Tensor> parameters() {
      throw new AssertionError("the whole model is read while a clock runs");
    }

    @Override
    public void close() {}
  }

  private static ProgramSpec spec(int sets, int finalSet) {
    return spec(ProgramKind.FORWARD, sets, finalSet);
  }

  private static ProgramSpec spec(ProgramKind kind, int sets, int finalSet) {
    return new ProgramSpec(
        "forward",
        kind,
        IntStream.range(0, sets).mapToObj(_ -> Map.of("x", "x")).toList(),
        finalSet,
        List.of("y"),
        null,
        0,
        0,
        "forward_ms");
  }

  private static Sampler.Sampled sample(Clockwork program, SamplingPlan plan, ProgramSpec spec) {
    return new Sampler(plan, () -> program.now).sample(program, spec, (_, _, _) -> {});
  }

  /// Iteration time in microseconds, then what the rules make of it.
  @ParameterizedTest
  @CsvSource({
    "400000, 3, 1, 5", // three warm-ups take longer than a second; five samples longer than one
    "100000, 10, 1, 10", // a second each
    "5000, 200, 1, 200",
    "3000, 334, 2, 167", // two iterations reach five milliseconds
    "100, 10000, 50, 200"
  })
  void countsFollowFromTheMinima(long micros, int warmups, int batch, int samples) {
    Clockwork program = new Clockwork(_ -> micros * 1000);
    AdapterResult.MetricSamples metric = sample(program, QUICK, spec(1, 0)).metric();
    assertEquals(warmups, metric.warmupIterations());
    assertEquals(batch, metric.innerBatch());
    assertEquals(samples, metric.samplesNs().size());
    assertEquals(batch * micros * 1000, metric.samplesNs().getFirst());
    assertEquals(warmups, program.poisonedAt, "poisoned between warm-up and first sample");
    assertTrue(metric.poisoned());
  }

  @Test
  void lastTimedIterationRunsTheFinalSetAndItsOutputsAreKept() {
    for (int sets = 1; sets <= 4; sets++) {
      for (int finalSet = 0; finalSet < sets; finalSet++) {
        Clockwork program = new Clockwork(_ -> 3 * MILLI);
        Sampler.Sampled sampled = sample(program, QUICK, spec(sets, finalSet));
        assertEquals(finalSet, program.sets.getLast());
        Tensor kept = Objects.requireNonNull(sampled.outputs().get("out/y"));
        assertEquals(finalSet, kept.getDouble(0));
        for (int i = program.poisonedAt + 1; i < program.sets.size(); i++) {
          assertEquals((program.sets.get(i - 1) + 1) % sets, program.sets.get(i), "goes round");
        }
      }
    }
  }

  /// Behind the warm-up, and with a step that no clock sees.
  @Test
  void trainingBeginsAnewBehindTheWarmUp() {
    Clockwork training = new Clockwork(_ -> 100 * MILLI);
    AdapterResult.MetricSamples metric =
        sample(training, QUICK, spec(ProgramKind.TRAIN_SGD, 1, 0)).metric();
    assertEquals(List.of(metric.warmupIterations()), training.resetsAt);
    assertEquals(metric.warmupIterations() + 1, training.poisonedAt);
    assertEquals(training.poisonedAt + metric.samplesNs().size(), training.sets.size());
    Clockwork forward = new Clockwork(_ -> 100 * MILLI);
    sample(forward, QUICK, spec(1, 0));
    assertEquals(List.of(), forward.resetsAt);
  }

  @Test
  void steadyWarmUpWaitsForThePaceToSettle() {
    SamplingPlan plan = new SamplingPlan(10, 0, 30_000 * MILLI, true, 30, 0, 0);
    Clockwork settling = new Clockwork(run -> (10 + Math.max(0, 50 - run)) * MILLI);
    AdapterResult.MetricSamples metric = sample(settling, plan, spec(1, 0)).metric();
    assertTrue(metric.steady());
    assertTrue(metric.warmupIterations() >= 60, "settled after 50, ten before must be level too");
    assertEquals(30, metric.samplesNs().size());
  }

  @Test
  void warmUpThatNeverSettlesGivesUpAndSaysSo() {
    SamplingPlan plan = new SamplingPlan(10, 0, 30_000 * MILLI, true, 30, 0, 0);
    Clockwork growing = new Clockwork(run -> (long) (100 * MILLI * Math.pow(1.02, (double) run)));
    AdapterResult.MetricSamples metric = sample(growing, plan, spec(1, 0)).metric();
    assertFalse(metric.steady());
    assertTrue(metric.warmupNs() >= 30_000 * MILLI);
  }

  @Test
  void samplesAddUpToTheirBracket() {
    Clockwork program = new Clockwork(_ -> 20 * MILLI);
    AdapterResult.MetricSamples metric = sample(program, QUICK, spec(2, 0)).metric();
    Audit audit = Audit.of("forward_ms", metric, 5, Long.MAX_VALUE);
    assertEquals(1, audit.bracket(), 1e-9);
    assertEquals(MILLI / 10, metric.readbackNs());
  }
}
