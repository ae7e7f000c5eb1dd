package io.griffinfly.models.smollm2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ref.Interpretation;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.models.Objective;
import io.griffinfly.models.truth.OpenCase;
import io.griffinfly.models.truth.Truth;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The graph in double precision against the truth, which another implementation computed: two
/// independent programs that agree but for the order of their sums.
class TruthAgreementTest {
  /// Some thousand roundings of a double: far above what the order of sums does to a net of this
  /// depth (1e-14), far below what the mildest wrong model does (4e-2).
  private static final double LIMIT = 1e-10;

  private static final String TINY = "smollm2/tiny";

  @TempDir Path root;

  private static void assertClose(double limit, String key, Truth.Deviation deviation) {
    double error = deviation.relativeL2();
    assertTrue(error <= limit, () -> key + " is off by " + error);
  }

  private static Interpretation run(
      OpenCase tiny, Map<String, String> tensors, Objective objective) {
    Map<String, Tensor> feed = tiny.feed(tensors);
    return Interpreter.run(tiny.graph(feed, objective), feed, tiny.parameters());
  }

  private static void assertLoss(OpenCase tiny, String key, Interpretation run) {
    double expected = tiny.truth().full(key).getDouble(0);
    assertEquals(expected, run.loss().orElseThrow(), LIMIT * Math.abs(expected), key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@1", "@2", "@3"})
  void outputAndTrainingLossAgree(String set) throws IOException {
    try (OpenCase tiny = OpenCase.open(TINY, root)) {
      Interpretation run =
          run(
              tiny,
              Map.of("input_ids", "input_ids" + set, "labels", "labels" + set),
              Objective.NATIVE);
      Tensor logits = run.output("logits");
      assertClose(LIMIT, "logits", tiny.truth().deviation("out.logits" + set, logits));
      assertLoss(tiny, "loss.native" + set, run);
    }
  }

  @Test
  void aSingleTokenAgrees() throws IOException {
    try (OpenCase tiny = OpenCase.open(TINY, root)) {
      Interpretation run = run(tiny, Map.of("input_ids", "latency.input_ids"), Objective.NONE);
      Truth.Deviation deviation =
          tiny.truth().deviation("out.latency.logits", run.output("logits"));
      assertClose(LIMIT, "logits", deviation);
    }
  }

  @Test
  void theProbeLossAgrees() throws IOException {
    try (OpenCase tiny = OpenCase.open(TINY, root)) {
      Map<String, String> tensors =
          Map.of("input_ids", "input_ids", "probe.logits", "probe.logits");
      assertLoss(tiny, "loss.probe", run(tiny, tensors, Objective.PROBE));
    }
  }
}
