package io.griffinfly.suites.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.plan.Contender;
import io.griffinfly.suites.plan.PlannedUnit;
import io.griffinfly.suites.run.UnitRecord;
import io.griffinfly.suites.run.UnitStatus;
import io.griffinfly.suites.validate.Validation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowTest {
  private static final Contender CONTENDER = new Contender("fake", "default");

  private static UnitRecord record(Mode mode, UnitStatus status, Validation.Verdict verdict) {
    PlannedUnit unit = new PlannedUnit(mode.word(), "case", 0, mode, CONTENDER, false);
    Validation validation =
        new Validation(verdict, "fp32", List.of(), Map.of(mode.word(), List.of(1.0)));
    return new UnitRecord(unit, status, null, "now", 1, 0, "unit.log", null, validation, Map.of());
  }

  @Test
  void whatIsWrongOutweighsWhatCannotBeTold() {
    UnitRecord untold =
        record(Mode.BENCH, UnitStatus.UNVERIFIABLE, Validation.Verdict.UNVERIFIABLE);
    UnitRecord wrong = record(Mode.VERIFY, UnitStatus.WRONG, Validation.Verdict.WRONG);
    UnitRecord right = record(Mode.BENCH, UnitStatus.OK, Validation.Verdict.PASS);
    assertEquals(UnitStatus.WRONG, row(right, untold, wrong).status());
    assertEquals(UnitStatus.WRONG, row(wrong, untold).status());
    assertEquals(UnitStatus.UNVERIFIABLE, row(right, untold).status());
    assertEquals(UnitStatus.OK, row(right, right).status());
  }

  @Test
  void validationOfTheVerifyingUnitLeads() {
    Row row =
        row(
            record(Mode.BENCH, UnitStatus.OK, Validation.Verdict.PASS),
            record(Mode.VERIFY, UnitStatus.OK, Validation.Verdict.PASS));
    assertEquals(
        List.of("verify", "bench"),
        row.validations().stream().flatMap(each -> each.losses().keySet().stream()).toList());
  }

  private static Row row(UnitRecord... records) {
    return new Row("case", CONTENDER, List.of(records));
  }
}
