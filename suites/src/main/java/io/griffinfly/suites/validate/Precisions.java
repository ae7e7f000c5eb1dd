package io.griffinfly.suites.validate;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Precision classes: what a framework's error says of its arithmetic, whatever it declares.
public final class Precisions {
  /// All classes, by falling precision.
  public static final List<String> STRICTEST_FIRST = List.of("fp32", "tf32", "f16", "bf16");

  private Precisions() {}

  /// Chooses the class that a unit belongs to: the strictest whose limits its outputs keep, or a
  /// wider one if that explains every other failure.
  ///
  /// A wider class explains a failure by a limit that is kept, never by having none: coarse
  /// arithmetic leaves gradients so uncertain that some cannot be verified, and a wrong gradient
  /// under exact outputs would hide there.
  ///
  /// @param tried the same checks by the limits of each class, the strictest first
  /// @return the one to go by
  static Validation classify(List<Validation> tried) {
    Validation measured =
        tried.stream()
            .filter(each -> failures(each, Set.of(Check.Family.OUTPUTS)).isEmpty())
            .findFirst()
            .orElse(tried.getFirst());
    if (measured.verdict() != Validation.Verdict.WRONG) {
      return measured;
    }
    Set<String> toExplain = failures(measured, Set.of(Check.Family.values()));
    return tried.subList(tried.indexOf(measured), tried.size()).stream()
        .filter(each -> each.verdict() != Validation.Verdict.WRONG)
        .filter(each -> passes(each).containsAll(toExplain))
        .findFirst()
        .map(each -> each.instead(measured))
        .orElse(measured);
  }

  private static Set<String> failures(Validation validation, Set<Check.Family> families) {
    return validation.checks().stream()
        .filter(check -> check.status() == Check.Status.WRONG)
        .filter(check -> families.contains(check.family()))
        .map(Check::name)
        .collect(Collectors.toSet());
  }

  private static Set<String> passes(Validation validation) {
    return validation.checks().stream()
        .filter(check -> check.status() == Check.Status.PASS)
        .map(Check::name)
        .collect(Collectors.toSet());
  }
}
