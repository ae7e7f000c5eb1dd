package io.griffinfly.suites.griffinfly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.griffinfly.suites.fake.TestProject;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--endurance` of the engine itself: the marks of a long training, and what memory came to.
class EnduranceTest {
  @TempDir Path root;

  @Test
  void memoryIsFlatAndTheLossFalls() throws IOException {
    TestProject project = new TestProject(root).griffinfly();
    TestProject.Outcome outcome =
        project.run(
            "--case",
            project.tinyBundle().toString(),
            "--device",
            "cpu",
            "--endurance",
            "200",
            "--json");
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    JsonNode endured =
        new ObjectMapper()
            .readTree(outcome.out())
            .path("results")
            .path(0)
            .path("endurance")
            .path("train_sgd");
    assertTrue(endured.path("flat").booleanValue(), endured.toString());
    JsonNode marks = endured.path("marks");
    assertEquals(11, marks.size(), endured.toString());
    assertEquals(1, marks.path(0).path("steps").intValue());
    assertEquals(20, marks.path(1).path("steps").intValue());
    assertEquals(200, marks.path(10).path("steps").intValue());
    assertTrue(
        marks.path(10).path("loss").doubleValue() < 0.9 * marks.path(0).path("loss").doubleValue(),
        endured.toString());
    assertTrue(marks.path(10).path("host_bytes").longValue() > 10_000_000, endured.toString());
  }
}
