package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.vulkan.AdapterInfo.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdapterChoiceTest {
  private static AdapterInfo adapter(int index, String name, Kind kind) {
    return adapter(index, name, kind, List.of());
  }

  private static AdapterInfo adapter(int index, String name, Kind kind, List<String> missing) {
    return new AdapterInfo(index, name, "driver 1", kind, 1L << 30, 32, 32, List.of(), missing);
  }

  private static final List<AdapterInfo> ALL =
      List.of(
          adapter(0, "llvmpipe (LLVM 15)", Kind.SOFTWARE),
          adapter(1, "Intel UHD", Kind.INTEGRATED),
          adapter(2, "NVIDIA H100", Kind.DISCRETE),
          adapter(3, "NVIDIA H200", Kind.DISCRETE));

  private static String refusal(List<AdapterInfo> all, String wanted) {
    return String.valueOf(
        assertThrows(DeviceAbsentException.class, () -> AdapterChoice.choose(all, wanted))
            .getMessage());
  }

  @Test
  void withoutANameItIsTheFirstOfTheBestKind() {
    assertEquals(2, AdapterChoice.choose(ALL, ""));
    assertEquals(1, AdapterChoice.choose(ALL.subList(0, 2), ""));
  }

  @Test
  void softwareOnlyByName() {
    String refusal = refusal(ALL.subList(0, 1), "");
    assertTrue(refusal.endsWith("only by name: 0 (llvmpipe (LLVM 15))"), refusal);
    assertEquals(0, AdapterChoice.choose(ALL, "LLVMpipe"));
    assertEquals(0, AdapterChoice.choose(ALL, "0"));
  }

  @Test
  void withoutANameNoneIsTakenThatLacksWhatTheEngineNeeds() {
    AdapterInfo old = adapter(0, "an old card", Kind.DISCRETE, List.of("shaderInt64"));
    assertEquals(1, AdapterChoice.choose(List.of(old, ALL.get(1)), ""));
    assertEquals(Optional.empty(), VulkanDevice.best(List.of(old, ALL.getFirst())));
    assertTrue(refusal(List.of(old), "").contains("with hardware that the engine can use"));
    // By name it is: opening it then says what it lacks.
    assertEquals(0, AdapterChoice.choose(List.of(old, ALL.get(1)), "old"));
  }

  @Test
  void byPartOfTheNameOrByIndex() {
    assertEquals(3, AdapterChoice.choose(ALL, "h200"));
    assertEquals(3, AdapterChoice.choose(ALL, "3"));
    assertEquals(
        "there is no Vulkan device 4, only 0 (llvmpipe (LLVM 15))",
        refusal(ALL.subList(0, 1), "4"));
    assertTrue(refusal(ALL, "radeon").startsWith("no Vulkan device has 'radeon' in its name"));
  }

  @Test
  void aMachineWithoutADriverIsToldWhatToInstall() {
    assertTrue(refusal(List.of(), "").contains("apt install mesa-vulkan-drivers"));
  }
}
