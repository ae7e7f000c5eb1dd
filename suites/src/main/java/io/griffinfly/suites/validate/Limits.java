package io.griffinfly.suites.validate;

import io.griffinfly.suites.cases.CaseDescription.Tolerance;
import java.util.Map;
import java.util.regex.Pattern;

/// How far each tensor of a case may be from the truth in one precision class.
///
/// @param precision the class, such as `fp32`
/// @param byGroup the case's limits
record Limits(String precision, Map<String, Tolerance> byGroup) {
  /// Where a case gives no limit: what strict single precision keeps in smooth networks, gradients
  /// at twice the outputs.
  private static final double OUTPUT_CEILING = 2e-5;

  private static final Pattern SET_SUFFIX = Pattern.compile("@\\d+$");
  private static final Pattern NUMBER = Pattern.compile("(?<=\\.)\\d+(?=\\.|$)");

  /// The limit of a key.
  Tolerance of(String key) {
    Tolerance tolerance = byGroup.get(group(key));
    if (tolerance != null) {
      return tolerance;
    }
    double ceiling = key.startsWith("out.") ? OUTPUT_CEILING : 2 * OUTPUT_CEILING;
    return new Tolerance(ceiling, 0, null, null, true);
  }

  /// The group that a key belongs to: without its set, layer numbers replaced by stars.
  static String group(String key) {
    return NUMBER.matcher(SET_SUFFIX.matcher(key).replaceFirst("")).replaceAll("*");
  }
}
