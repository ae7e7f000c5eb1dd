package io.griffinfly.suites.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.adapter.AdapterResult.DeviceFacts;
import io.griffinfly.suites.adapter.AdapterResult.GpuFacts;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeviceTableTest {
  private static final DeviceFacts CPU =
      new DeviceFacts("jvm", "cpu", "jvm, 2 threads, 512-bit vectors", "", 2);

  private static DeviceFacts gpu(
      int index, String name, String kind, List<String> matrices, List<String> missing) {
    GpuFacts facts = new GpuFacts(85_000_000_000L, 8, 32, matrices, missing, null);
    return new DeviceFacts("vulkan:" + index, kind, name, "driver 1", null, facts);
  }

  private static final DeviceFacts SOFTWARE = gpu(0, "llvmpipe", "software", List.of(), List.of());
  private static final DeviceFacts CARD =
      gpu(
          1,
          "H100",
          "discrete",
          List.of("f16 to f32: 16x16x16 16x8x16", "f16 to f32 by 128 lanes: 64x16x16"),
          List.of());
  private static final DeviceFacts SECOND = gpu(2, "H100", "discrete", List.of(), List.of());
  private static final DeviceFacts OLD =
      gpu(3, "an old card", "discrete", List.of(), List.of("shaderInt64", "Vulkan 1.2"));

  @Test
  void everyDeviceHasItsRowAndEveryOneThatIsNotTakenItsReason() {
    String table =
        DeviceTable.render(
            List.of(CPU, SOFTWARE, CARD, SECOND, OLD), Optional.of(CARD), List.of(), Painter.NONE);
    assertEquals(
        """
        Device    Name                             Kind      Driver    Memory    Subgroups  Matrices
        jvm       jvm, 2 threads, 512-bit vectors  cpu       -         -         -          -
        vulkan:0  llvmpipe                         software  driver 1  85.00 GB  8 to 32    -
        """
            .lines()
            .toList(),
        table.lines().limit(4).filter(line -> !line.startsWith("---")).toList());
    assertTrue(table.contains("  f16 to f32: 16x16x16 16x8x16\n"), table);
    assertTrue(table.contains("  f16 to f32 by 128 lanes: 64x16x16\n"), table);
    assertTrue(
        table.endsWith(
            """

            --device auto is vulkan:1: the first GPU of the best kind, discrete before integrated
            vulkan:0 is not: it is software; ask for it by name: --device vulkan:0
            vulkan:2 is not: another comes first; ask for it by name: --device vulkan:2
            vulkan:3 is not: it lacks shaderInt64, Vulkan 1.2; a newer driver may have it
            """),
        table);
  }

  @Test
  void withoutAGpuItIsTheCpuAndTheNoteSaysWhatToInstall() {
    String table =
        DeviceTable.render(
            List.of(CPU), Optional.empty(), List.of("no loader (apt install x)"), Painter.NONE);
    assertTrue(
        table.endsWith(
            """

            --device auto is jvm: no GPU here that the engine can use
            vulkan is not: no loader (apt install x)
            ./run.sh --install installs it on Debian and Ubuntu, as root
            """),
        table);
  }
}
