package io.griffinfly.suites.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.suites.cases.CaseDescription.Tolerance;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitsTest {
  @ParameterizedTest
  @CsvSource({
    "out.logits, out.logits",
    "out.logits@3, out.logits",
    "grad.model.layers.7.mlp.up_proj.weight, grad.model.layers.*.mlp.up_proj.weight",
    "grad.a.10.20.b, grad.a.*.*.b",
    "delta3.model.norm.weight, delta3.model.norm.weight",
    "grad.blocks.3, grad.blocks.*",
    "grad.conv1.weight, grad.conv1.weight"
  })
  void groupsStandForLayersAndSets(String key, String group) {
    assertEquals(group, Limits.group(key));
  }

  @Test
  void caseWithoutALimitGetsTheCeilingOfStrictArithmetic() {
    Limits limits = new Limits("fp32", Map.of("out.y", new Tolerance(1e-6, 1e-7, 0.5, "m", true)));
    assertEquals(1e-6, limits.of("out.y@2").limit());
    assertEquals(2e-5, limits.of("out.z").limit());
    assertEquals(4e-5, limits.of("grad.w").limit());
  }

  @Test
  void errorBeyondTheLimitIsWrongAndTheWorstIsNamed() {
    Limits limits = new Limits("fp32", Map.of("out.y", new Tolerance(1e-6, 1e-7, 0.5, "m", true)));
    Check close = measured("a", 0.9e-6, 0).judge(limits);
    Check far = measured("b", 3e-6, 0).judge(limits);
    Check further = measured("c", 5e-6, 0).judge(limits);
    Check notANumber = measured("d", Double.NaN, 0).judge(limits);
    Check poisoned = measured("e", 0, 4).judge(limits);
    assertEquals(Check.Status.PASS, close.status());
    for (Check check : List.of(far, further, notANumber, poisoned)) {
      assertEquals(Check.Status.WRONG, check.status(), check.name());
    }
    assertEquals("c", worst(close, far, further));
    assertEquals("d", worst(far, further, notANumber));
    Check form = Check.malformed("shape", "of another shape");
    assertEquals("shape", worst(further, form));
  }

  private static String worst(Check... checks) {
    List<Check> all = List.of(checks);
    assertEquals(Validation.Verdict.WRONG, Validation.conclude(all));
    return new Validation(Validation.Verdict.WRONG, "fp32", all, Map.of())
        .worstFailure()
        .orElseThrow()
        .name();
  }

  @Test
  void checkThatCannotTellNeverPasses() {
    Limits limits =
        new Limits("fp32", Map.of("out.y", new Tolerance(1e-6, 1e-7, 2e-7, "m", false)));
    Check check = measured("a", 1e-9, 0).judge(limits);
    assertEquals(Check.Status.UNVERIFIABLE, check.status());
    assertEquals(Validation.Verdict.UNVERIFIABLE, Validation.conclude(List.of(check)));
    assertEquals(
        Check.Status.WRONG, measured("a", 1e-9, 1).judge(limits).status(), "NaN is told anyway");
  }

  @Test
  void negligibleGradientsAreHeldAgainstTheirFamilysMedian() {
    List<Measured> all =
        List.of(
            gradient("large", 1e-6, 1), gradient("usual", 1e-6, 1), gradient("tiny", 1e-9, 1e-9));
    List<Measured> floored = Measured.withFloor(all);
    assertEquals(1e-6, floored.getFirst().deviation().relativeL2(), 1e-12);
    assertEquals(1e-9, floored.getLast().deviation().relativeL2(), 1e-15);
  }

  private static Measured gradient(String name, double difference, double reference) {
    return new Measured(
        name,
        "grad." + name,
        Check.Family.GRADIENTS,
        new io.griffinfly.models.truth.Truth.Deviation(difference, reference, difference),
        0);
  }

  private static Measured measured(String name, double relative, long nonFinite) {
    return new Measured(
        name,
        "out.y",
        Check.Family.OUTPUTS,
        new io.griffinfly.models.truth.Truth.Deviation(relative, 1, relative),
        nonFinite);
  }
}
