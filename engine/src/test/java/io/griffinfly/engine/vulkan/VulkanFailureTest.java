package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.conformance.SoftwareVulkan;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.plan.DeviceException;
import io.griffinfly.engine.plan.DeviceLostException;
import io.griffinfly.engine.plan.DeviceMemory;
import io.griffinfly.engine.plan.DeviceMemoryException;
import io.griffinfly.engine.run.Parameters;
import io.griffinfly.engine.run.Session;
import io.griffinfly.engine.train.Sgd;
import io.griffinfly.engine.vulkan.VulkanFailure.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A program that opens a device, trains a step and closes everything, in which each call fails
/// that can: the exception has the type that tells what to do, and what was made is destroyed in
/// order, as the validation layer sees it.
class VulkanFailureTest {
  private static final String NAME = "llvmpipe";

  private static Graph network() {
    var g = new GraphBuilder();
    var x = g.input("x", DType.F32, 4, 8);
    var label = g.input("label", DType.I64, 4);
    var hidden = g.relu(Nn.project(g, "fc1", x, 16, new Initializer.Normal(0.1)));
    var logits = g.output("logits", Nn.project(g, "fc2", hidden, 3, new Initializer.Normal(0.1)));
    return g.build(g.crossEntropy(logits, label));
  }

  private static void train(VulkanDevice device) {
    try (Parameters parameters = Parameters.initialize(device, network(), 1);
        Session session = Session.training(network(), parameters, Sgd.of(0.1))) {
      session.run(
          Map.of(
              "x", Tensor.of(new float[32], 4, 8), "label", Tensor.of(new long[] {0, 1, 2, 0}, 4)));
      parameters.get("fc1.weight");
    }
  }

  /// Runs the program with one failure.
  ///
  /// @return what was thrown; empty if the program came to its end before
  private static Optional<DeviceException> fail(Call call, int successes) {
    List<String> complaints = new ArrayList<>();
    VulkanOptions options =
        SoftwareVulkan.validated(complaints).withFailure(new VulkanFailure(call, successes));
    Optional<DeviceException> found = Optional.empty();
    try (VulkanDevice device = VulkanDevice.open(NAME, options)) {
      try {
        train(device);
      } catch (DeviceException e) {
        found = Optional.of(e);
        assertEquals(0, device.memory().takenBytes(), call + " " + successes + ": memory stays");
        assertEquals(0, e.getSuppressed().length, e.toString());
      }
    } catch (DeviceException e) {
      found = Optional.of(e);
    }
    assertEquals(List.of(), complaints, call + " " + successes);
    return found;
  }

  private static int failEvery(Call call, Class<? extends DeviceException> type, String end) {
    int successes = 0;
    while (true) {
      Optional<DeviceException> thrown = fail(call, successes);
      if (thrown.isEmpty()) {
        return successes;
      }
      assertEquals(type, thrown.get().getClass());
      String message = String.valueOf(thrown.get().getMessage());
      assertTrue(message.startsWith("cannot ") && message.endsWith(end), message);
      successes++;
    }
  }

  @Test
  void everyAllocationMayFail() {
    SoftwareVulkan.require();
    int count =
        failEvery(
            Call.ALLOCATION,
            DeviceMemoryException.class,
            "the device is out of memory; use a smaller batch or model");
    // What copies go through, parameters, inputs, and the words for wrong labels.
    assertTrue(count >= 4, "allocations: " + count);
  }

  @Test
  void everyRunAndEveryCopyMayLoseTheDevice() {
    SoftwareVulkan.require();
    int count =
        failEvery(
            Call.SUBMISSION,
            DeviceLostException.class,
            "the device was lost; close it and open it anew, and see the system's log");
    assertTrue(count >= 6, "copies of four parameters, a run, a copy back: " + count);
  }

  /// One allocation that fails leaves a device on which the next goes well; a lost one stays lost.
  @Test
  void onlyALostDeviceIsOfNoUseAnyMore() {
    SoftwareVulkan.require();
    VulkanOptions options = VulkanOptions.defaults().withoutCache();
    var outOfMemory = options.withFailure(new VulkanFailure(Call.ALLOCATION, 1));
    try (VulkanDevice device = VulkanDevice.open(NAME, outOfMemory)) {
      assertThrows(DeviceMemoryException.class, () -> train(device));
      train(device);
    }
    var lost = options.withFailure(new VulkanFailure(Call.SUBMISSION, 2));
    try (VulkanDevice device = VulkanDevice.open(NAME, lost);
        DeviceMemory memory = device.allocate(64)) {
      assertThrows(DeviceLostException.class, () -> train(device));
      assertThrows(
          DeviceLostException.class,
          () -> memory.read(0, java.lang.foreign.MemorySegment.ofArray(new byte[4])));
    }
  }
}
