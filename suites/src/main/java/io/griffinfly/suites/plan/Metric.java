package io.griffinfly.suites.plan;

import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.AdapterResult.MetricSamples;
import io.griffinfly.suites.adapter.AdapterResult.ProgramTimes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A quantity that is measured. Adding one is adding a row to [#ALL].
///
/// @param name its key in result files
/// @param heading its column in tables; null if it is in files only
/// @param unit `ms` or `MB`
/// @param sampledProgram the program whose iterations are its samples; null if it is not sampled
/// @param source units that give values, at most one in a round
/// @param values the values that one such unit gives, none if the framework has none
public record Metric(
    String name,
    @Nullable String heading,
    String unit,
    @Nullable String sampledProgram,
    Predicate<PlannedUnit> source,
    Function<AdapterResult, double[]> values) {
  private static final String FORWARD = "forward";
  private static final String LATENCY = "latency";
  private static final String TRAIN = "train_sgd";
  private static final Predicate<PlannedUnit> COLD = PlannedUnit::cold;
  private static final Predicate<PlannedUnit> WARM = Predicate.not(PlannedUnit::cold);
  private static final Predicate<PlannedUnit> TIMED = PlannedUnit::timed;

  /// Every metric, in the order of the columns.
  public static final List<Metric> ALL =
      List.of(
          sampled("forward_ms", "Forward", FORWARD),
          sampled("latency_ms", "Latency", LATENCY),
          sampled("train_sgd_ms", "Train step", TRAIN),
          program("compile_cold_ms", "Compile cold", COLD, FORWARD, ProgramTimes::compileNs),
          program("compile_warm_ms", "warm", WARM, FORWARD, ProgramTimes::compileNs),
          program("train_compile_cold_ms", "Train compile", COLD, TRAIN, ProgramTimes::compileNs),
          program("train_compile_warm_ms", null, WARM, TRAIN, ProgramTimes::compileNs),
          program("first_run_ms", null, WARM, FORWARD, ProgramTimes::firstRunNs),
          new Metric("load_ms", null, "ms", null, TIMED, Metric::load),
          peak("host_peak_mb", "Peak memory", FORWARD, ProgramTimes::hostPeakBytes),
          peak("train_host_peak_mb", "training", TRAIN, ProgramTimes::hostPeakBytes),
          peak("device_peak_mb", "On device", FORWARD, ProgramTimes::devicePeakBytes),
          peak("train_device_peak_mb", "training", TRAIN, ProgramTimes::devicePeakBytes));

  /// Time per iteration of a program.
  private static Metric sampled(String name, String heading, String program) {
    return new Metric(
        name, heading, "ms", program, TIMED, result -> samples(result.metrics(), name));
  }

  private static double[] samples(@Nullable Map<String, MetricSamples> metrics, String name) {
    MetricSamples found = metrics == null ? null : metrics.get(name);
    return found == null
        ? new double[0]
        : found.samplesNs().stream()
            .mapToDouble(nanos -> nanos / 1e6 / found.innerBatch())
            .toArray();
  }

  /// Something that happens to a program once in a process.
  private static Metric program(
      String name,
      @Nullable String heading,
      Predicate<PlannedUnit> source,
      String program,
      Function<ProgramTimes, @Nullable Long> nanos) {
    return new Metric(
        name, heading, "ms", null, source, result -> one(result, program, nanos, 1e-6));
  }

  private static Metric peak(
      String name,
      @Nullable String heading,
      String program,
      Function<ProgramTimes, @Nullable Long> bytes) {
    return new Metric(
        name, heading, "MB", null, TIMED, result -> one(result, program, bytes, 1e-6));
  }

  private static double[] one(
      AdapterResult result,
      String program,
      Function<ProgramTimes, @Nullable Long> quantity,
      double scale) {
    Map<String, ProgramTimes> programs = result.programs();
    ProgramTimes times = programs == null ? null : programs.get(program);
    Long value = times == null ? null : quantity.apply(times);
    return value == null ? new double[0] : new double[] {value * scale};
  }

  private static double[] load(AdapterResult result) {
    Long nanos = result.loadNs();
    return nanos == null ? new double[0] : new double[] {nanos / 1e6};
  }

  /// The metric whose samples are a program's iterations.
  ///
  /// @param program the program's name
  /// @return the metric; empty if that program is not timed
  public static Optional<Metric> ofProgram(String program) {
    return ALL.stream().filter(metric -> program.equals(metric.sampledProgram())).findFirst();
  }
}
