package io.griffinfly.suites.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Starts every benchmark for a moment, in this process: that it runs, and that what it computed
/// passes its own check. The figures mean nothing.
class BenchmarksRunTest {
  /// A class of benchmarks and its methods.
  record Expected(Class<?> benchmarks, Set<String> methods) {}

  static Stream<Expected> everyClass() {
    return Stream.of(
        new Expected(MachineLimits.class, Set.of("fusedMultiplyAdds", "read")),
        new Expected(MatrixProducts.class, Set.of("up", "down", "projections", "logits")),
        new Expected(OneRowProducts.class, Set.of("up", "logits")),
        new Expected(AttentionKernels.class, Set.of("forward", "forwardAndBackward")),
        new Expected(ModelTimes.class, Set.of("forward", "oneToken", "trainingStep")),
        new Expected(OptimizerTime.class, Set.of("raise", "lower", "together")),
        new Expected(
            MemoryForms.class,
            Set.of("array", "nativeSegments", "heapSegments", "constantSegment", "mixed")));
  }

  private static Collection<RunResult> run(Class<?> benchmarks) throws RunnerException {
    Options options =
        new OptionsBuilder()
            .include("^" + benchmarks.getName().replace(".", "\\.") + "\\.")
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(1))
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();
    return new Runner(options).run();
  }

  /// The benchmarks above pass because their results are right, not because nobody looks.
  @Test
  void aWrongResultEndsTheRun() {
    RunnerException thrown =
        assertThrows(RunnerException.class, () -> run(DeliberatelyWrong.class));
    StringWriter reasons = new StringWriter();
    thrown.printStackTrace(new PrintWriter(reasons));
    assertTrue(reasons.toString().contains("found=0.0"), reasons::toString);
  }

  @ParameterizedTest
  @MethodSource("everyClass")
  void runs(Expected expected) throws RunnerException {
    String name = expected.benchmarks().getName();
    Collection<RunResult> results = run(expected.benchmarks());
    assertEquals(
        expected.methods(),
        results.stream()
            .map(result -> result.getParams().getBenchmark().substring(name.length() + 1))
            .collect(Collectors.toSet()));
    for (RunResult result : results) {
      assertTrue(result.getPrimaryResult().getScore() > 0, result.getParams()::getBenchmark);
    }
  }
}
