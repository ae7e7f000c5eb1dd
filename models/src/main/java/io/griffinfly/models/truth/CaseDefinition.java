package io.griffinfly.models.truth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.models.ModelException;
import io.griffinfly.models.synthetic.SyntheticTensor;
import io.griffinfly.models.synthetic.TensorKind;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a `case.json` says of the model and its tensors.
///
/// @param id names the case, such as `SmolLM2-135M@s128`
/// @param arch the family of models
/// @param hyperParameters the family's own: numbers, texts and truth values by name
/// @param weights the parameters
/// @param inputs the inputs of all sets
public record CaseDefinition(
    String id,
    String arch,
    Map<String, Object> hyperParameters,
    List<SyntheticTensor> weights,
    List<SyntheticTensor> inputs) {
  private static final String SCHEMA = "bench-case/1.0";
  private static final String SOURCE = "synthetic:ih12/seed=" + SyntheticTensor.SEED;
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Copies its collections.
  public CaseDefinition {
    hyperParameters = Map.copyOf(hyperParameters);
    weights = List.copyOf(weights);
    inputs = List.copyOf(inputs);
  }

  /// Reads a case.json.
  ///
  /// @param source names it in messages
  /// @param stream its bytes, left open
  /// @return the definition
  /// @throws IOException if the stream fails or is no JSON
  /// @throws ModelException if something is absent or unknown
  public static CaseDefinition read(String source, InputStream stream) throws IOException {
    JsonNode json = JSON.readTree(stream);
    JsonNode weights = json.path("weights");
    require(source, "schema", SCHEMA, json.path("schema").asText());
    require(source, "weights source", SOURCE, weights.path("source").asText());
    Map<String, Object> hyperParameters = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : json.path("hparams").properties()) {
      hyperParameters.put(entry.getKey(), scalar(source, entry.getKey(), entry.getValue()));
    }
    return new CaseDefinition(
        json.path("id").asText(),
        json.path("arch").asText(),
        hyperParameters,
        tensors(source, weights.path("tensors"), weights.path("dtype").asText()),
        tensors(source, json.path("inputs").path("tensors"), ""));
  }

  private static void require(String source, String key, String expected, String found) {
    if (!found.equals(expected)) {
      throw new ModelException(source + ": " + key + " must be " + expected + ", not " + found);
    }
  }

  private static Object scalar(String source, String key, JsonNode value) {
    return switch (value.getNodeType()) {
      case NUMBER -> value.numberValue();
      case STRING -> value.textValue();
      case BOOLEAN -> value.booleanValue();
      case ARRAY, BINARY, MISSING, NULL, OBJECT, POJO ->
          throw new ModelException(
              source + ": hparams " + key + " must be a number, text or truth value, not " + value);
    };
  }

  private static List<SyntheticTensor> tensors(String source, JsonNode json, String commonType) {
    List<SyntheticTensor> tensors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      JsonNode spec = entry.getValue();
      int[] dims = new int[spec.path("shape").size()];
      for (int axis = 0; axis < dims.length; axis++) {
        dims[axis] = spec.path("shape").get(axis).intValue();
      }
      TensorKind kind = kind(source, entry.getKey(), spec);
      DType dtype = DType.valueOf(spec.path("dtype").asText(commonType));
      tensors.add(new SyntheticTensor(entry.getKey(), TensorType.of(dtype, dims), kind));
    }
    if (tensors.isEmpty()) {
      throw new ModelException(source + ": there are no weights or no inputs");
    }
    return tensors;
  }

  private static TensorKind kind(String source, String name, JsonNode spec) {
    String label = spec.path("kind").asText();
    TensorKind integers = new TensorKind.Integers(Math.max(1, spec.path("modulus").intValue()));
    if (label.equals(integers.label())) {
      return integers;
    }
    for (TensorKind.Real kind : TensorKind.Real.values()) {
      if (kind.label().equals(label)) {
        return kind;
      }
    }
    throw new ModelException(source + ": tensor " + name + " is of unknown kind " + label);
  }
}
