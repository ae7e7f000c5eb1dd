package io.griffinfly.suites.report;

import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.adapter.AdapterResult.FrameworkFacts;
import io.griffinfly.suites.adapter.SamplingPlan;
import io.griffinfly.suites.plan.Metric;
import io.griffinfly.suites.plan.Plan;
import io.griffinfly.suites.plan.Profile;
import io.griffinfly.suites.run.UnitRecord;
import io.griffinfly.suites.run.UnitStatus;
import io.griffinfly.suites.stats.Interval;
import io.griffinfly.suites.stats.Summary;
import io.griffinfly.suites.validate.Audit;
import io.griffinfly.suites.validate.Check;
import io.griffinfly.suites.validate.Validation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The result file of one contender on one case. Null means not measured.
///
/// @param schema `bench-result/1.0`
/// @param runId the run
/// @param unitId run, case and contender
/// @param status how it went
/// @param message what is wrong; null if nothing is
/// @param caseId the case
/// @param caseSha256 everything about the case
/// @param framework what ran; null if it never reported
/// @param variant which way of running it
/// @param device where; null if it never reported
/// @param env the machine
/// @param protocol how it was measured
/// @param metrics by name
/// @param kernels where the time of its programs goes; null if not asked for
/// @param endurance how its long trainings went, by program; empty if not asked for
/// @param correctness what its values came to; null if it returned none
/// @param audits what its samples came to, by metric and round
/// @param flags marks for the reader
public record ResultDocument(
    String schema,
    String runId,
    String unitId,
    UnitStatus status,
    @Nullable String message,
    String caseId,
    String caseSha256,
    @Nullable FrameworkFacts framework,
    String variant,
    @Nullable DeviceFacts device,
    Environment env,
    Protocol protocol,
    Map<String, Measured> metrics,
    @Nullable Kernels kernels,
    Map<String, Endured> endurance,
    @Nullable Correctness correctness,
    Map<String, List<Audit>> audits,
    List<String> flags) {
  /// The version that is written.
  public static final String SCHEMA = "bench-result/1.0";

  /// How it was measured.
  ///
  /// @param profile which profile
  /// @param processes timed processes
  /// @param orderSeed of the order within rounds
  /// @param deviceAsked the device of the command line
  /// @param threads of every CPU pool
  /// @param sampling minima within a process
  public record Protocol(
      Profile profile,
      int processes,
      long orderSeed,
      String deviceAsked,
      int threads,
      SamplingPlan sampling) {}

  /// A metric.
  ///
  /// @param unit of value and samples
  /// @param value median over processes
  /// @param low lower end of the interval
  /// @param high upper end
  /// @param ciMethod how the ends were found
  /// @param nProc processes
  /// @param n samples
  /// @param min least sample
  /// @param p90 90th percentile; null with few samples
  /// @param madRel relative deviation within processes
  /// @param outliers mild and severe
  /// @param flags marks
  /// @param processes every sample of every process
  public record Measured(
      String unit,
      double value,
      double low,
      double high,
      Interval.Method ciMethod,
      int nProc,
      int n,
      double min,
      @Nullable Double p90,
      double madRel,
      List<Integer> outliers,
      List<String> flags,
      List<double[]> processes) {}

  /// What its values came to.
  ///
  /// @param verdict of the worst unit
  /// @param precisionClass whose limits it keeps; null if none
  /// @param reference what it was held against
  /// @param failure the check that failed; null if none did
  /// @param checked number of checks in all units
  /// @param unverifiable how many of them had no verdict
  /// @param outputs errors of the outputs
  /// @param gradients errors of the gradients; null if not checked
  /// @param updates errors of the parameters' changes; null if not checked
  /// @param losses by program, of the verifying unit
  /// @param tensors checks of the outputs, of every unit
  public record Correctness(
      Validation.Verdict verdict,
      @Nullable String precisionClass,
      String reference,
      @Nullable String failure,
      int checked,
      int unverifiable,
      @Nullable Errors outputs,
      @Nullable Errors gradients,
      @Nullable Errors updates,
      Map<String, List<Double>> losses,
      List<Check> tensors) {}

  /// Relative L2 errors of many tensors.
  ///
  /// @param worst the greatest, with its tensor
  /// @param worstName its tensor
  /// @param p95 95th percentile
  /// @param median 50th percentile
  public record Errors(double worst, String worstName, double p95, double median) {}

  /// What ran, as tables and the command line name it.
  ///
  /// @return `framework` or `framework:variant`
  String label() {
    return unitId.substring(unitId.lastIndexOf('/') + 1);
  }

  /// A metric.
  ///
  /// @param metric which
  /// @return what was measured; empty if it was not
  Optional<Measured> metric(Metric metric) {
    return Optional.ofNullable(metrics.get(metric.name()));
  }

  /// Whether a metric was measured.
  ///
  /// @param metric which
  /// @return whether there is anything to show
  boolean has(Metric metric) {
    return metrics.containsKey(metric.name());
  }

  /// Makes the document of a row.
  ///
  /// @param runId the run
  /// @param row what came of it
  /// @param plan what was asked
  /// @param caseSha256 digest of the case
  /// @param env the machine
  /// @return the document
  public static ResultDocument of(
      String runId, Row row, Plan plan, String caseSha256, Environment env) {
    var report = row.report();
    Map<String, Measured> metrics = new LinkedHashMap<>();
    for (Metric metric : Metric.ALL) {
      row.summary(metric)
          .ifPresent(summary ->
              metrics.put(
                  metric.name(),
                  measured(metric, summary, List.copyOf(row.samples(metric).values()))));
    }
    var options = plan.options();
    return new ResultDocument(
        SCHEMA,
        runId,
        runId + "/" + row.caseId() + "/" + row.contender().label(),
        row.status(),
        row.message().orElse(null),
        row.caseId(),
        caseSha256,
        report.map(result -> result.framework()).orElse(null),
        row.contender().variant(),
        report.map(result -> result.device()).orElse(null),
        env,
        new Protocol(
            options.profile(),
            options.rounds(),
            options.seed(),
            options.device(),
            options.threads(),
            options.profile().sampling()),
        metrics,
        Kernels.of(row).orElse(null),
        Endured.of(row),
        correctness(row),
        audits(row),
        row.flags());
  }

  private static Measured measured(Metric metric, Summary summary, List<double[]> processes) {
    return new Measured(
        metric.unit(),
        summary.value(),
        summary.interval().low(),
        summary.interval().high(),
        summary.interval().method(),
        summary.processes(),
        summary.samples(),
        summary.min(),
        summary.p90(),
        summary.madRelative(),
        List.of(summary.outliers().mild(), summary.outliers().severe()),
        summary.flags(),
        processes);
  }

  private static Map<String, List<Audit>> audits(Row row) {
    Map<String, List<Audit>> audits = new TreeMap<>();
    for (UnitRecord record : row.records()) {
      record
          .audits()
          .forEach(
              (metric, audit) -> audits.computeIfAbsent(metric, _ -> new ArrayList<>()).add(audit));
    }
    return audits;
  }

  private static @Nullable Correctness correctness(Row row) {
    List<Validation> validations = row.validations();
    if (validations.isEmpty()) {
      return null;
    }
    Validation.Verdict verdict =
        validations.stream()
            .map(Validation::verdict)
            .filter(each -> each != Validation.Verdict.PASS)
            .min(Comparator.naturalOrder())
            .orElse(Validation.Verdict.PASS);
    List<Check> all = validations.stream().flatMap(each -> each.checks().stream()).toList();
    return new Correctness(
        verdict,
        row.precision().orElse(null),
        "double precision, see models/truth",
        validations.stream()
            .flatMap(each -> each.worstFailure().stream())
            .findFirst()
            .map(Check::describe)
            .orElse(null),
        all.size(),
        (int) all.stream().filter(c -> c.status() == Check.Status.UNVERIFIABLE).count(),
        errors(row, all, Check.Family.OUTPUTS),
        errors(row, all, Check.Family.GRADIENTS),
        errors(row, all, Check.Family.UPDATES),
        validations.getFirst().losses(),
        all.stream().filter(check -> check.family() == Check.Family.OUTPUTS).toList());
  }

  private static @Nullable Errors errors(Row row, List<Check> all, Check.Family family) {
    Double worst = row.error(family, 1);
    Double p95 = row.error(family, 0.95);
    Double median = row.error(family, 0.5);
    if (worst == null || p95 == null || median == null) {
      return null;
    }
    String name =
        all.stream()
            .filter(check -> check.family() == family && worst.equals(check.relL2()))
            .map(Check::name)
            .findFirst()
            .orElse("");
    return new Errors(worst, name, p95, median);
  }
}
