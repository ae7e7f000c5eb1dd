package io.griffinfly.engine.jvm;

import static io.griffinfly.engine.conformance.KernelData.arg;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.griffinfly.engine.conformance.Lie;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleOfferTest {
  /// The schedules that take a spec whose operands and results all lie as said.
  private static List<String> schedules(KernelSpec spec, Lie lie) {
    return JvmSchedule.ALL.stream()
        .filter(schedule ->
            schedule
                .offer(
                    spec,
                    spec.operands().stream().map(type -> lie.layout(type.shape())).toList(),
                    spec.results().stream().map(type -> lie.layout(type.shape())).toList(),
                    new DeviceProfile("test", 1, 1, 1))
                .isPresent())
        .map(JvmSchedule::name)
        .toList();
  }

  @Test
  void fastSchedulesTakeWhatModelsAsk() {
    for (Lie lie : Lie.values()) {
      for (int orientation = 0; orientation < 4; orientation++) {
        boolean left = (orientation & 1) != 0;
        boolean right = (orientation & 2) != 0;
        List<String> expected = new ArrayList<>();
        // Reversed axes exchange the orientations.
        if (lie == Lie.REVERSED ? left && !right : !left && right) {
          expected.add("rows");
        }
        expected.add("tiles");
        expected.add("general");
        TensorType a = TensorType.of(DType.F32, left ? new int[] {9, 6} : new int[] {6, 9});
        TensorType b = TensorType.of(DType.F32, right ? new int[] {8, 9} : new int[] {9, 8});
        KernelSpec spec =
            new KernelSpec.Contract(
                left, right, arg(0), List.of(a, b), List.of(TensorType.of(DType.F32, 6, 8)));
        assertEquals(expected, schedules(spec, lie));
      }
    }
  }
}
