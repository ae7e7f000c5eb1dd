package io.griffinfly.suites.validate;

import io.griffinfly.models.truth.Truth;
import io.griffinfly.suites.cases.CaseDescription.Tolerance;
import io.griffinfly.suites.stats.Quantiles;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A tensor's error.
///
/// @param name what it is called in the unit's outputs
/// @param key what the truth calls it
/// @param family what it is
/// @param deviation how far off it is
/// @param nonFinite how many of its values are NaN or infinite
record Measured(
    String name, String key, Check.Family family, Truth.Deviation deviation, long nonFinite) {
  /// A reference smaller than this share of its family's median is held against the median instead:
  /// where the truth is zero but for rounding, every implementation is infinitely wrong.
  private static final double NEGLIGIBLE = 1e-6;

  /// Replaces negligible references.
  static List<Measured> withFloor(List<Measured> all) {
    Map<Check.Family, Double> medians = new EnumMap<>(Check.Family.class);
    for (Check.Family family : Check.Family.values()) {
      double[] norms =
          all.stream()
              .filter(each -> each.family == family)
              .mapToDouble(each -> each.deviation.reference())
              .toArray();
      if (norms.length > 0) {
        medians.put(family, Quantiles.median(norms));
      }
    }
    return all.stream()
        .map(each -> each.withFloor(medians.getOrDefault(each.family, 0.0)))
        .toList();
  }

  private Measured withFloor(double median) {
    if (family == Check.Family.OUTPUTS || deviation.reference() >= NEGLIGIBLE * median) {
      return this;
    }
    Truth.Deviation absolute =
        new Truth.Deviation(deviation.difference(), median, deviation.maxAbs());
    return new Measured(name, key, family, absolute, nonFinite);
  }

  /// Judges it by the limits of a class.
  Check judge(Limits limits) {
    Tolerance tolerance = limits.of(key);
    double relative = deviation.relativeL2();
    Check.Status status;
    String message = null;
    if (nonFinite > 0) {
      status = Check.Status.WRONG;
      message = nonFinite + " values are NaN or infinite";
    } else if (!tolerance.verifiable()) {
      status = Check.Status.UNVERIFIABLE;
    } else {
      // Written so that a NaN fails.
      status = relative <= tolerance.limit() ? Check.Status.PASS : Check.Status.WRONG;
    }
    return new Check(
        name,
        family,
        status,
        relative,
        deviation.maxAbs(),
        nonFinite,
        tolerance.limit(),
        tolerance.anchor(),
        tolerance.mutantMin(),
        message);
  }
}
