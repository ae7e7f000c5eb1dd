package io.griffinfly.suites.report;

import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.plan.Contender;
import io.griffinfly.suites.plan.Metric;
import io.griffinfly.suites.run.UnitRecord;
import io.griffinfly.suites.run.UnitStatus;
import io.griffinfly.suites.stats.Quantiles;
import io.griffinfly.suites.stats.Ratio;
import io.griffinfly.suites.stats.Summary;
import io.griffinfly.suites.validate.Check;
import io.griffinfly.suites.validate.Validation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What all units of one contender on one case came to.
///
/// @param caseId the case
/// @param contender who
/// @param records its units, in the order in which they ran
public record Row(String caseId, Contender contender, List<UnitRecord> records) {
  /// Copies the list.
  public Row {
    records = List.copyOf(records);
  }

  /// Sorts records into rows.
  ///
  /// @param records of a run
  /// @return rows, in the order in which their first units ran
  public static List<Row> of(List<UnitRecord> records) {
    Map<String, List<UnitRecord>> byRow = new LinkedHashMap<>();
    for (UnitRecord record : records) {
      String key = record.unit().caseId() + " " + record.unit().contender().label();
      byRow.computeIfAbsent(key, _ -> new ArrayList<>()).add(record);
    }
    return byRow.values().stream()
        .map(list ->
            new Row(list.getFirst().unit().caseId(), list.getFirst().unit().contender(), list))
        .toList();
  }

  /// How it went: the first unit after which the framework does not go on decides, else the first
  /// that was not ok.
  ///
  /// @return the status
  public UnitStatus status() {
    return records.stream()
        .map(UnitRecord::status)
        .filter(status -> status != UnitStatus.OK)
        .min(Comparator.comparing(UnitStatus::goesOn))
        .orElse(UnitStatus.OK);
  }

  /// What is wrong, in one line.
  ///
  /// @return the message of the unit that decides; empty if none has one
  public Optional<String> message() {
    return records.stream().map(UnitRecord::message).filter(Objects::nonNull).findFirst();
  }

  /// What the framework said of itself last.
  ///
  /// @return its report; empty if it never came to report
  public Optional<AdapterResult> report() {
    return records.reversed().stream().map(UnitRecord::result).filter(Objects::nonNull).findFirst();
  }

  /// The values of a metric, process by process.
  ///
  /// @param metric which
  /// @return by round; only processes that gave any
  public TreeMap<Integer, double[]> samples(Metric metric) {
    TreeMap<Integer, double[]> byRound = new TreeMap<>();
    for (UnitRecord record : records) {
      AdapterResult result = record.result();
      if (result != null && metric.source().test(record.unit())) {
        double[] values = metric.values().apply(result);
        if (values.length > 0) {
          byRound.put(record.unit().round(), values);
        }
      }
    }
    return byRound;
  }

  /// A metric, summarised. What is wrong has no times.
  ///
  /// @param metric which
  /// @return the summary; empty if there is nothing to summarise
  public Optional<Summary> summary(Metric metric) {
    if (!status().goesOn()) {
      return Optional.empty();
    }
    List<double[]> processes = List.copyOf(samples(metric).values());
    return processes.isEmpty() ? Optional.empty() : Optional.of(Summary.of(processes));
  }

  /// How many times as long as another row a metric takes, by the rounds in which both ran.
  ///
  /// @param metric which
  /// @param other the denominator
  /// @return the ratio; empty if they share no round
  public Optional<Ratio> ratio(Metric metric, Row other) {
    TreeMap<Integer, double[]> mine = samples(metric);
    TreeMap<Integer, double[]> theirs = other.samples(metric);
    List<Integer> rounds = mine.keySet().stream().filter(theirs::containsKey).toList();
    if (rounds.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(Ratio.of(medians(mine, rounds), medians(theirs, rounds)));
  }

  private static double[] medians(TreeMap<Integer, double[]> byRound, List<Integer> rounds) {
    return rounds.stream()
        .mapToDouble(round -> Quantiles.median(Objects.requireNonNull(byRound.get(round))))
        .toArray();
  }

  /// All validations, first that of the verifying unit.
  ///
  /// @return one for each unit that returned values
  public List<Validation> validations() {
    return records.stream()
        .sorted(Comparator.comparing(record -> record.unit().mode() != Mode.VERIFY))
        .map(UnitRecord::validation)
        .filter(Objects::nonNull)
        .toList();
  }

  /// The widest precision class among the units: a framework is ranked where its worst process
  /// belongs.
  ///
  /// @return the class; empty if nothing was checked, or something is wrong
  public Optional<String> precision() {
    List<String> order = io.griffinfly.suites.validate.Precisions.STRICTEST_FIRST;
    return validations().stream()
        .filter(validation -> validation.verdict() != Validation.Verdict.WRONG)
        .map(Validation::precision)
        .max(Comparator.comparingInt(order::indexOf));
  }

  /// The greatest error of a family, over all units.
  ///
  /// @param family which
  /// @param probability quantile within a unit: 1 for its worst tensor
  /// @return relative L2; null if the family was not checked
  public @Nullable Double error(Check.Family family, double probability) {
    return validations().stream()
        .map(validation -> validation.error(family, probability))
        .filter(Objects::nonNull)
        .max(Double::compare)
        .orElse(null);
  }

  /// Marks that a reader needs: noisy samples, warm-ups that never settled, outputs not poisoned.
  ///
  /// @return the flags
  public List<String> flags() {
    List<String> flags = new ArrayList<>();
    for (Metric metric : Metric.ALL) {
      if (metric.sampledProgram() == null) {
        continue;
      }
      summary(metric)
          .ifPresent(summary -> summary.flags().forEach(f -> flags.add(f + " " + metric.name())));
      boolean unsteady =
          records.stream()
              .filter(record -> record.unit().mode() == Mode.BENCH)
              .map(UnitRecord::result)
              .filter(result -> result != null && result.metrics() != null)
              .map(result -> Objects.requireNonNull(result.metrics()).get(metric.name()))
              .anyMatch(samples -> samples != null && !samples.steady());
      if (unsteady) {
        flags.add("unsteady " + metric.name());
      }
    }
    if (records.stream().flatMap(r -> r.audits().values().stream()).anyMatch(a -> !a.poisoned())) {
      flags.add("outputs not poisoned");
    }
    validations().stream()
        .map(Validation::excused)
        .filter(Objects::nonNull)
        .findFirst()
        .ifPresent(excused -> flags.add(excused.describe()));
    return flags;
  }
}
