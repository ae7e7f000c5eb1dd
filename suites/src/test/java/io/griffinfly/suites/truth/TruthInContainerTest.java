package io.griffinfly.suites.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.griffinfly.engine.io.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/// PyTorch, in the versions that made the committed truth and in a machine of its own, makes the
/// truth of the tiny case again: whoever doubts it needs a Docker engine and no Python.
@Tag("docker")
class TruthInContainerTest {
  private static final System.Logger LOG = System.getLogger(TruthInContainerTest.class.getName());

  private static final String NO_DOCKER =
      "the truth is not made again: that takes a Docker engine, and none answers here";

  /// The Python that the committed truth was made with.
  private static final DockerImageName PYTHON =
      DockerImageName.parse("python:3.11.7-slim-bookworm");

  /// The generator writes where the committed files lie, relative to itself.
  private static final String GENERATOR = "/models/truth";

  private static final String RESOURCES = "src/main/resources/io/griffinfly/models/smollm2/tiny";
  private static final String TRUTH = RESOURCES + "/expected.safetensors";

  /// Another processor sums in another order: double precision rounds at 1e-16, the strictest limit
  /// of any check is 1e-6.
  private static final double SAME = 1e-10;

  @TempDir Path folder;

  @BeforeAll
  static void askForDocker() {
    boolean answers = DockerClientFactory.instance().isDockerAvailable();
    if (!answers) {
      LOG.log(System.Logger.Level.INFO, NO_DOCKER);
    }
    assumeTrue(answers, NO_DOCKER);
  }

  @Test
  void madeAgainItIsTheCommittedTruth() throws IOException {
    Path made = folder.resolve("expected.safetensors");
    try (var python = new GenericContainer<>(PYTHON)) {
      python
          .withCopyToContainer(MountableFile.forHostPath("../models/truth"), GENERATOR)
          .withCopyToContainer(
              MountableFile.forHostPath("../models/" + RESOURCES), "/models/" + RESOURCES)
          .withWorkingDirectory(GENERATOR)
          .withCommand(
              "sh",
              "-ec",
              """
              rm /models/%s
              # The CPU build is a tenth of the size; without it the default index has one with CUDA.
              pip install --index-url https://download.pytorch.org/whl/cpu "$(grep ^torch== requirements.txt)" || true
              pip install -r requirements.txt
              python generate.py tiny --work /var/truth
              """
                  .replace("%s", TRUTH))
          .withStartupCheckStrategy(
              new OneShotStartupCheckStrategy().withTimeout(Duration.ofMinutes(30)))
          .start();
      python.copyFileFromContainer("/models/" + TRUTH, made.toString());
    }
    compare(made, Path.of("../models").resolve(TRUTH));
  }

  private static void compare(Path made, Path committed) throws IOException {
    try (Safetensors found = Safetensors.open(made);
        Safetensors expected = Safetensors.open(committed)) {
      assertEquals(expected.names(), found.names());
      for (String name : expected.names()) {
        double[] right = expected.tensor(name).toDoubles();
        double[] again = found.tensor(name).toDoubles();
        assertEquals(right.length, again.length, name);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < right.length; i++) {
          difference = Math.hypot(difference, again[i] - right[i]);
          size = Math.hypot(size, right[i]);
        }
        assertTrue(difference <= SAME * size, name + " differs by " + difference + " of " + size);
      }
    }
  }
}
