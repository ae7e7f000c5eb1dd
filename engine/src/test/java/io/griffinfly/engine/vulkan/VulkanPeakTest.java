package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.SoftwareVulkan;
import io.griffinfly.engine.plan.DeviceMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class VulkanPeakTest {
  /// From a slow core to ten times the fastest GPU: what is outside was not measured but imagined,
  /// such as a loop that the driver has left out.
  @Test
  void ratesAreThoseOfSomeMachine() {
    SoftwareVulkan.require();
    List<String> complaints = new ArrayList<>();
    try (VulkanDevice device =
        VulkanDevice.open("llvmpipe", SoftwareVulkan.validated(complaints))) {
      VulkanPeak peak = device.peak();
      assertTrue(peak.flopsPerSecond() > 1e9 && peak.flopsPerSecond() < 5e12, peak::toString);
      assertEquals(OptionalDouble.empty(), peak.matrixFlopsPerSecond());
      assertTrue(peak.bytesPerSecond() > 1e8 && peak.bytesPerSecond() < 1e12, peak::toString);
      assertTrue(peak.barrierNanos() > 10 && peak.barrierNanos() < 1e7, peak::toString);
      assertEquals(0, device.memory().takenBytes(), "its buffers are given back");
      assertEquals(List.of(), complaints);
    }
  }

  @Test
  void theMostBytesTakenAtOnceAreRemembered() {
    SoftwareVulkan.require();
    try (VulkanDevice device =
        VulkanDevice.open("llvmpipe", VulkanOptions.defaults().withoutCache())) {
      assertEquals(0, device.peakBytes());
      try (DeviceMemory first = device.allocate(1000);
          DeviceMemory second = device.allocate(256)) {
        assertEquals(1024 + 256, device.memory().takenBytes(), first + " and " + second);
      }
      device.allocate(512).close();
      assertEquals(1280, device.peakBytes());
      assertEquals(0, device.memory().takenBytes());
    }
  }
}
