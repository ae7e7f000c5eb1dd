package io.griffinfly.suites.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.griffinfly.models.truth.Truth;
import io.griffinfly.suites.cases.CaseDescription.Tolerance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One output and one gradient, in three classes: the last has no verdict on gradients.
class PrecisionsTest {
  private static final List<Limits> CLASSES =
      List.of(
          new Limits("fp32", Map.of("out.y", below(1e-5), "grad.w", below(1e-5))),
          new Limits("tf32", Map.of("out.y", below(1e-2), "grad.w", below(1e-2))),
          new Limits(
              "bf16",
              Map.of("out.y", below(1e-1), "grad.w", new Tolerance(1, 1, 1.0, "m", false))));

  private static Tolerance below(double limit) {
    return new Tolerance(limit, limit / 4, 0.5, "m", true);
  }

  @ParameterizedTest
  @CsvSource({
    "1e-6, 1e-6, fp32, PASS",
    "1e-3, 1e-3, tf32, PASS",
    "1e-6, 1e-3, tf32, PASS", // a coarser backward pass, within the limits of its class
    "1e-3, 1e-6, tf32, PASS",
    "5e-2, 5e-1, bf16, PASS", // coarse outputs: that gradients cannot be told is all there is to
    // say
    "1e-6, 5e-1, fp32, WRONG", // exact outputs: a wrong gradient is not coarse arithmetic
    "1e-3, 5e-1, tf32, WRONG",
    "5e-1, 1e-6, fp32, WRONG",
    "NaN,  1e-6, fp32, WRONG"
  })
  void classIsMeasuredByOutputsAndExplainsTheRest(
      double output, double gradient, String precision, Validation.Verdict verdict) {
    Validation chosen = classify(output, gradient);
    assertEquals(verdict, chosen.verdict());
    assertEquals(precision, chosen.precision());
    boolean excuses =
        verdict == Validation.Verdict.PASS && output < 1e-5 && !precision.equals("fp32");
    assertEquals(excuses, chosen.excused() != null);
  }

  @Test
  void whatAWiderClassExcusesIsNamed() {
    Validation chosen = classify(1e-6, 1.25e-3);
    assertEquals("tf32", chosen.precision());
    assertEquals(
        "not fp32 for w: relative L2 error 1.25e-03, limit 1.00e-05",
        Objects.requireNonNull(chosen.excused()).describe());
    assertNull(classify(1e-3, 1e-3).excused());
  }

  private static Validation classify(double output, double gradient) {
    List<Validation> tried = new ArrayList<>();
    for (Limits limits : CLASSES) {
      List<Check> checks =
          List.of(
              measured("y", "out.y", Check.Family.OUTPUTS, output).judge(limits),
              measured("w", "grad.w", Check.Family.GRADIENTS, gradient).judge(limits));
      tried.add(new Validation(Validation.conclude(checks), limits.precision(), checks, Map.of()));
    }
    return Precisions.classify(tried);
  }

  private static Measured measured(String name, String key, Check.Family family, double error) {
    return new Measured(name, key, family, new Truth.Deviation(error, 1, error), 0);
  }
}
