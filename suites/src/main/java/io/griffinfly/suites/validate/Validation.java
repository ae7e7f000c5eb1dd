package io.griffinfly.suites.validate;

import io.griffinfly.suites.stats.Quantiles;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What came of all checks of a unit.
///
/// @param verdict the conclusion
/// @param precision the class whose limits all checks keep; the strictest if none does
/// @param checks every one
/// @param losses loss values by program, reported and not judged: a loss can be right by chance
/// @param excused why it is not the class that the outputs keep; null if it is
public record Validation(
    Verdict verdict,
    String precision,
    List<Check> checks,
    Map<String, List<Double>> losses,
    @Nullable Excused excused) {
  /// The conclusion.
  public enum Verdict {
    /// Every check that can tell passes, and the outputs are among them.
    PASS,
    /// Some check fails.
    WRONG,
    /// Nothing fails, but no check of the outputs can tell.
    UNVERIFIABLE
  }

  /// A failure that a wider class excuses.
  ///
  /// @param precision the class that the outputs keep
  /// @param check the worst failure there
  public record Excused(String precision, Check check) {
    /// The words for a user.
    ///
    /// @return the class and what fails in it
    public String describe() {
      return "not " + precision + " for " + check.describe();
    }
  }

  /// Copies the checks.
  public Validation {
    checks = List.copyOf(checks);
  }

  /// Checks that need no excuse.
  ///
  /// @param verdict the conclusion
  /// @param precision the class whose limits all checks keep; the strictest if none does
  /// @param checks every one
  /// @param losses loss values by program
  public Validation(
      Verdict verdict, String precision, List<Check> checks, Map<String, List<Double>> losses) {
    this(verdict, precision, checks, losses, null);
  }

  /// The same where a stricter class was not kept.
  Validation instead(Validation stricter) {
    Excused why = new Excused(stricter.precision, stricter.worstFailure().orElseThrow());
    return new Validation(verdict, precision, checks, losses, why);
  }

  /// Draws the conclusion.
  static Verdict conclude(List<Check> checks) {
    if (checks.stream().anyMatch(check -> check.status() == Check.Status.WRONG)) {
      return Verdict.WRONG;
    }
    boolean told =
        checks.stream()
            .anyMatch(check ->
                check.family() == Check.Family.OUTPUTS && check.status() == Check.Status.PASS);
    return told ? Verdict.PASS : Verdict.UNVERIFIABLE;
  }

  /// The failure to name: one of form before one of value, outputs before gradients before updates,
  /// and among equals the one furthest beyond its limit.
  ///
  /// @return the check; empty if none fails
  public Optional<Check> worstFailure() {
    return checks.stream()
        .filter(check -> check.status() == Check.Status.WRONG)
        .min(
            Comparator.comparing((Check check) -> check.family() != Check.Family.FORM)
                .thenComparing(Check::family)
                .thenComparing(Comparator.comparingDouble(Validation::excess).reversed()));
  }

  private static double excess(Check check) {
    Double error = check.relL2();
    Double limit = check.limit();
    if (error == null || limit == null || error.isNaN()) {
      return Double.POSITIVE_INFINITY;
    }
    return error / limit;
  }

  /// A quantile of the errors of a family.
  ///
  /// @param family which
  /// @param probability 1 for the worst
  /// @return the relative L2 error; null if the family was not checked
  public @Nullable Double error(Check.Family family, double probability) {
    double[] errors =
        checks.stream()
            .filter(check -> check.family() == family)
            .map(Check::relL2)
            .filter(error -> error != null)
            .mapToDouble(error -> error.isNaN() ? Double.POSITIVE_INFINITY : error)
            .toArray();
    return errors.length == 0 ? null : Quantiles.of(errors, probability);
  }
}
