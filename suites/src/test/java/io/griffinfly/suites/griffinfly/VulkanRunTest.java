package io.griffinfly.suites.griffinfly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.griffinfly.engine.plan.DeviceAbsentException;
import io.griffinfly.engine.vulkan.VulkanDevice;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The tiny model on Mesa's software device: outputs, gradients and updates against the stored
/// truth, as on any device.
class VulkanRunTest {
  private static final String SOFTWARE = "vulkan:llvmpipe";

  @TempDir Path root;

  @BeforeEach
  void needsTheSoftwareDevice() {
    assumeTrue(isThere(), "Mesa's lavapipe is not installed: mesa-vulkan-drivers brings it");
  }

  private static boolean isThere() {
    try {
      return VulkanDevice.list().stream().anyMatch(info -> info.name().contains("llvmpipe"));
    } catch (DeviceAbsentException _) {
      return false;
    }
  }

  private TestProject.Outcome verify(String... more) throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    String[] all = {"--case", project.tinyBundle().toString(), "--verify-only"};
    String[] arguments = java.util.Arrays.copyOf(all, all.length + more.length);
    System.arraycopy(more, 0, arguments, all.length, more.length);
    return project.run(arguments);
  }

  @Test
  void passesAgainstTheTruth() throws IOException {
    TestProject.Outcome outcome = verify("--device", SOFTWARE);
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    assertTrue(outcome.out().contains("griffinfly:vulkan"), outcome.out());
    assertTrue(outcome.out().contains("pass"), outcome.out());
  }

  @Test
  void aFaultIsCaughtThere() throws IOException {
    TestProject.Outcome outcome = verify("--device", SOFTWARE, "--mutate", "no_update");
    assertEquals(ExitCode.WRONG.number(), outcome.status(), outcome.err() + outcome.out());
    assertTrue(outcome.out().contains("train_sgd/param/"), outcome.out());
  }

  @Test
  void aDeviceThatIsNotThereIsNamed() throws IOException {
    TestProject.Outcome outcome = verify("-f", "griffinfly", "--device", "vulkan:no such card");
    assertEquals(ExitCode.FRAMEWORK.number(), outcome.status(), outcome.err() + outcome.out());
    String said = outcome.err() + outcome.out();
    assertTrue(said.contains("no Vulkan device has 'no such card' in its name"), said);
  }
}
