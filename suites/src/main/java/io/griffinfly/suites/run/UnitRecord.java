package io.griffinfly.suites.run;

import io.griffinfly.suites.adapter.AdapterResult;
import io.griffinfly.suites.plan.PlannedUnit;
import io.griffinfly.suites.validate.Audit;
import io.griffinfly.suites.validate.Validation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that is kept of a unit.
///
/// @param unit which
/// @param status how it ended
/// @param message what is wrong, in one line; null if nothing is
/// @param started UTC, RFC 3339
/// @param wallNs how long its process lived
/// @param exitStatus of the process
/// @param log file with what it printed, relative to the run's folder
/// @param result what it reported; null if it did not
/// @param validation what its values came to; null if it returned none
/// @param audits of its samples, by metric
public record UnitRecord(
    PlannedUnit unit,
    UnitStatus status,
    @Nullable String message,
    String started,
    long wallNs,
    int exitStatus,
    String log,
    @Nullable AdapterResult result,
    @Nullable Validation validation,
    Map<String, Audit> audits) {
  /// Copies the map.
  public UnitRecord {
    audits = Map.copyOf(audits);
  }
}
