package io.griffinfly.suites.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.io.safetensors.SafetensorsWriter;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.models.ModelCatalog;
import io.griffinfly.models.Objective;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.suites.adapter.AdapterException;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.FrameworkAdapter;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.adapter.ProgramKind;
import io.griffinfly.suites.adapter.ProgramSpec;
import io.griffinfly.suites.adapter.SamplingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The adapter on the tiny Llama, against the double-precision interpreter on the same bytes.
class OnnxRuntimeAdapterTest {
  private static final String CASE = "smollm2/tiny";

  @TempDir static Path folder;
  private static Path bundle = Path.of("");

  @BeforeAll
  static void prepare() throws IOException {
    bundle = CaseFolder.prepare(CASE, folder.resolve("cases"), Progress.NONE);
  }

  private static AdapterRequest request(String variant, String device) {
    return new AdapterRequest(
        AdapterRequest.PROTOCOL,
        Mode.VERIFY,
        CASE,
        "onnxruntime",
        variant,
        device,
        "fp32",
        1,
        7,
        "nonce",
        folder.toString(),
        60,
        null,
        List.of(),
        new SamplingPlan(1, 1, 1, false, 1, 1, 1),
        false,
        null,
        null);
  }

  private static ProgramSpec forward(String... inputSets) {
    return new ProgramSpec(
        "forward",
        ProgramKind.FORWARD,
        List.of(inputSets).stream().map(name -> Map.of("input_ids", name)).toList(),
        0,
        List.of("logits"),
        null,
        0,
        0,
        "forward_ms");
  }

  /// The logits in double precision.
  private static Tensor expected(String inputIds) throws IOException {
    try (Safetensors inputs = Safetensors.open(bundle.resolve(CaseFolder.INPUTS));
        Safetensors weights = Safetensors.open(bundle.resolve(CaseFolder.WEIGHTS))) {
      Tensor ids = inputs.tensor(inputIds);
      Graph graph =
          ModelCatalog.of(CaseFolder.definition(CASE))
              .graph(Map.of("input_ids", ids.type()), Objective.NONE);
      Map<String, Tensor> states = new HashMap<>();
      weights.names().forEach(name -> states.put(name, weights.tensor(name)));
      return Interpreter.run(graph, Map.of("input_ids", ids), states).output("logits");
    }
  }

  private static double relativeError(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    double difference = 0;
    double norm = 0;
    for (long i = 0; i < expected.size(); i++) {
      difference += Math.pow(expected.getDouble(i) - actual.getDouble(i), 2);
      norm += Math.pow(expected.getDouble(i), 2);
    }
    return Math.sqrt(difference / norm);
  }

  @ParameterizedTest
  @ValueSource(strings = {"opset17", "opset23", "contrib"})
  void everyVariantAgreesWithTheInterpreter(String variant) throws IOException {
    OnnxRuntimeAdapter adapter = new OnnxRuntimeAdapter();
    assertEquals("1.29.0", adapter.identify(request(variant, "cpu")).framework().version());
    String[] sets = {"input_ids", "input_ids@1"};
    try (FrameworkAdapter.Model model = adapter.load(request(variant, "cpu"), bundle);
        FrameworkAdapter.Program program = model.compile(forward(sets))) {
      for (int set = 0; set < sets.length; set++) {
        assertTrue(program.poison());
        assertTrue(Double.isNaN(logits(program).getDouble(0)));
        program.run(set);
        // fp32 on the full model measured 1.3e-6; a wrong mask or rope base is 0.25 or more.
        assertEquals(0, relativeError(expected(sets[set]), logits(program)), 1e-5);
      }
    }
  }

  private static Tensor logits(FrameworkAdapter.Program program) {
    return Objects.requireNonNull(program.outputs().get("out/logits"));
  }

  @Test
  void theLatencyProgramIsAnotherLength() throws IOException {
    OnnxRuntimeAdapter adapter = new OnnxRuntimeAdapter();
    try (FrameworkAdapter.Model model = adapter.load(request("opset17", "cpu"), bundle);
        FrameworkAdapter.Program whole = model.compile(forward("input_ids"));
        FrameworkAdapter.Program single = model.compile(forward("latency.input_ids"))) {
      single.run(0);
      whole.run(0);
      assertEquals(0, relativeError(expected("latency.input_ids"), logits(single)), 1e-5);
      assertEquals(0, relativeError(expected("input_ids"), logits(whole)), 1e-5);
    }
  }

  @Test
  void itsProcessReportsToNobody() throws IOException {
    String manifest = Files.readString(Path.of("peers", "onnxruntime", "manifest.json"));
    assertTrue(manifest.contains("\"ORT_DISABLE_TELEMETRY\": \"1\""), manifest);
    assertEquals("1", System.getenv("ORT_DISABLE_TELEMETRY"), "the tests' own process");
  }

  @Test
  void whatItCannotDoIsSaid() {
    OnnxRuntimeAdapter adapter = new OnnxRuntimeAdapter();
    assertKind(
        AdapterException.Kind.NO_DEVICE, () -> adapter.identify(request("opset17", "vulkan:0")));
    assertKind(
        AdapterException.Kind.UNSUPPORTED, () -> adapter.identify(request("opset99", "cpu")));
    ProgramSpec training =
        new ProgramSpec(
            "train_sgd", ProgramKind.TRAIN_SGD, List.of(Map.of()), 0, List.of(), null, 1, 1, null);
    try (FrameworkAdapter.Model model = adapter.load(request("opset17", "cpu"), bundle)) {
      assertKind(AdapterException.Kind.UNSUPPORTED, () -> model.compile(training));
    }
  }

  private static void assertKind(AdapterException.Kind kind, Runnable action) {
    assertEquals(kind, assertThrows(AdapterException.class, action::run).kind());
  }

  @Test
  void weightsThatAreMissingOrTooManyAreNamed() throws IOException {
    for (boolean surplus : new boolean[] {false, true}) {
      Path spoilt = Files.createDirectories(folder.resolve("spoilt-" + surplus));
      for (String name : List.of(CaseFolder.DEFINITION, CaseFolder.INPUTS)) {
        Files.copy(bundle.resolve(name), spoilt.resolve(name));
      }
      try (Safetensors weights = Safetensors.open(bundle.resolve(CaseFolder.WEIGHTS))) {
        Map<String, Tensor> tensors = new HashMap<>();
        weights.names().forEach(name -> tensors.put(name, weights.tensor(name)));
        if (surplus) {
          tensors.put("of.another.model", Tensor.of(new float[1], 1));
        } else {
          tensors.remove("model.norm.weight");
        }
        SafetensorsWriter.write(spoilt.resolve(CaseFolder.WEIGHTS), tensors, Map.of());
      }
      try (FrameworkAdapter.Model model =
          new OnnxRuntimeAdapter().load(request("opset17", "cpu"), spoilt)) {
        WeightsException e =
            assertThrows(WeightsException.class, () -> model.compile(forward("input_ids")));
        String wanted = surplus ? "of.another.model" : "model.norm.weight";
        assertTrue(String.valueOf(e.getMessage()).contains(wanted), e.getMessage());
      }
    }
  }
}
