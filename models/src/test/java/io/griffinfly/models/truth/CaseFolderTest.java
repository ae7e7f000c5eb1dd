package io.griffinfly.models.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.io.FileDigest;
import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.models.Model;
import io.griffinfly.models.ModelCatalog;
import io.griffinfly.models.ModelException;
import io.griffinfly.models.Objective;
import io.griffinfly.models.synthetic.SyntheticTensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseFolderTest {
  private static final String TINY = "smollm2/tiny";

  @TempDir Path root;

  @Test
  void theBundleHasTheCommittedDigests() throws IOException {
    assertDigests(CaseFolder.prepare(TINY, root, Progress.NONE));
  }

  private static void assertDigests(Path folder) throws IOException {
    List<String> sums = Files.readAllLines(folder.resolve(CaseFolder.SUMS));
    assertEquals(4, sums.size());
    for (String line : sums) {
      assertEquals(line.substring(0, 64), FileDigest.sha256(folder.resolve(line.substring(66))));
    }
  }

  @Test
  void aCompleteBundleIsLeftAloneAndAnIncompleteOneCompleted() throws IOException {
    Path folder = CaseFolder.prepare(TINY, root, Progress.NONE);
    Path weights = folder.resolve(CaseFolder.WEIGHTS);
    FileTime old = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(weights, old);
    assertEquals(folder, CaseFolder.prepare(TINY, root, Progress.NONE));
    assertEquals(old, Files.getLastModifiedTime(weights));
    Files.delete(folder.resolve(CaseFolder.SUMS));
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);
    assertDigests(CaseFolder.prepare(TINY, root, Progress.NONE));
  }

  @Test
  void theModelsKindsAndTypesAreTheCases() throws IOException {
    for (String name : List.of(TINY)) {
      CaseDefinition definition = CaseFolder.definition(name);
      Model model = ModelCatalog.of(definition);
      Map<String, SyntheticTensor> expected = new TreeMap<>();
      definition.weights().forEach(tensor -> expected.put(tensor.name(), tensor));
      Map<String, SyntheticTensor> found = new TreeMap<>();
      TensorType ids = TensorType.of(DType.I64, 2, 3);
      for (Node state : model.graph(Map.of("input_ids", ids), Objective.NONE).states()) {
        String weight = ((Leaf.State) state.op()).name();
        found.put(
            weight, new SyntheticTensor(weight, state.type(), model.kind(weight, state.type())));
      }
      assertEquals(expected, found);
    }
  }

  @Test
  void whatIsNoCaseIsNamed() {
    ModelException e =
        assertThrows(
            ModelException.class, () -> CaseFolder.prepare("smollm2/x", root, Progress.NONE));
    assertEquals("there is no case smollm2/x: its SHA256SUMS is absent", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"bench-case/1.0\"|\"bench-case/2.0\"|schema must be bench-case/1.0, not bench-case/2.0",
        "seed=1|seed=2|weights source must be synthetic:ih12/seed=1, not synthetic:ih12/seed=2",
        "\"gain\"|\"gains\"|tensor model.layers.0.input_layernorm.weight is of unknown kind gains",
        "\"rope_style\": \"half\"|\"rope_style\": null|hparams rope_style must be a number, text or truth value, not null"
      })
  void aMalformedDefinitionIsRefused(String text, String replacement, String message)
      throws IOException {
    Path folder = CaseFolder.prepare(TINY, root, Progress.NONE);
    String json = Files.readString(folder.resolve(CaseFolder.DEFINITION));
    assertTrue(json.contains(text));
    byte[] changed = json.replace(text, replacement).getBytes(StandardCharsets.UTF_8);
    ModelException e =
        assertThrows(
            ModelException.class,
            () -> CaseDefinition.read("c", new ByteArrayInputStream(changed)));
    assertEquals("c: " + message, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"arch\": \"llama\"|\"arch\": \"rwkv\"|no family of models is called rwkv",
        "\"rope_style\": \"half\"|\"rope_style\": \"full\"|rope_style must be half",
        "\"ffn\"|\"ffm\"|unknown key ffm, which may change the mathematics",
        "\"kv_heads\": 2|\"kv_heads\": 2.5|kv_heads must be a whole number, not 2.5"
      })
  void aModelThatIsNotKnownIsRefused(String text, String replacement, String message)
      throws IOException {
    Path folder = CaseFolder.prepare(TINY, root, Progress.NONE);
    String json = Files.readString(folder.resolve(CaseFolder.DEFINITION));
    assertTrue(json.contains(text));
    byte[] changed = json.replace(text, replacement).getBytes(StandardCharsets.UTF_8);
    CaseDefinition definition = CaseDefinition.read("c", new ByteArrayInputStream(changed));
    ModelException e = assertThrows(ModelException.class, () -> ModelCatalog.of(definition));
    assertEquals("SmolLM2-tiny@b2s7: " + message, e.getMessage());
  }

  @Test
  void deviationsAreMeasuredAgainstFullAndSummarizedTruth() throws IOException {
    Path folder = CaseFolder.prepare(TINY, root, Progress.NONE);
    try (Truth truth = Truth.open(folder);
        Safetensors weights = Safetensors.open(folder.resolve(CaseFolder.WEIGHTS))) {
      Tensor logits = truth.full("out.logits");
      assertEquals(0, truth.deviation("out.logits", logits).relativeL2());
      Truth.Deviation off =
          truth.deviation("out.logits", logits.size(), i -> 1.001 * logits.getDouble(i));
      assertEquals(1e-3, off.relativeL2(), 1e-9);
      assertEquals(off.difference() / off.reference(), off.relativeL2());
      // A summary of other values: no better than the norms of both.
      String key = "delta3.model.embed_tokens.weight";
      assertTrue(truth.contains(key) && !truth.names().contains(key));
      Tensor weight = weights.tensor("model.embed_tokens.weight");
      Truth.Deviation wrong = truth.deviation(key, weight);
      double norm = 0;
      for (double value : weight.toDoubles()) {
        norm += value * value;
      }
      assertEquals(1, wrong.difference() / Math.hypot(Math.sqrt(norm), wrong.reference()), 0.1);
      assertTrue(wrong.maxAbs() > 0.1 && Double.isNaN(nanAt(truth, key, weight).maxAbs()));
      assertTrue(Double.isNaN(nanAt(truth, key, weight).relativeL2()));
      assertTrue(Double.isNaN(nanAt(truth, "out.logits", logits).relativeL2()));
    }
  }

  private static Truth.Deviation nanAt(Truth truth, String key, Tensor tensor) {
    long position = Summary.positions(key, tensor.size(), 1)[0];
    return truth.deviation(
        key, tensor.size(), i -> i == position ? Double.NaN : tensor.getDouble(i));
  }

  @Test
  void valuesOfAnotherCountAreRefused() throws IOException {
    Path folder = CaseFolder.prepare(TINY, root, Progress.NONE);
    try (Truth truth = Truth.open(folder)) {
      assertThrows(
          io.griffinfly.engine.io.WeightsException.class,
          () -> truth.deviation("out.logits", 3, i -> 0));
      assertThrows(
          io.griffinfly.engine.io.WeightsException.class, () -> truth.deviation("none", 3, i -> 0));
    }
  }
}
