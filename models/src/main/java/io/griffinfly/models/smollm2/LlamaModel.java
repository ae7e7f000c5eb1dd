package io.griffinfly.models.smollm2;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.models.Model;
import io.griffinfly.models.ModelException;
import io.griffinfly.models.Objective;
import io.griffinfly.models.truth.CaseDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;

/// A Llama decoder under a name.
///
/// @param id the name that users type
/// @param defaultCase the folder of the case that it is measured on
/// @param config sizes and constants
public record LlamaModel(String id, String defaultCase, LlamaConfig config) implements Model {
  /// SmolLM2 with 135 million parameters, as its config.json has it.
  ///
  /// @return the model
  public static LlamaModel smolLm2() {
    try (InputStream stream =
        Objects.requireNonNull(LlamaModel.class.getResourceAsStream("config.json"))) {
      LlamaConfig config = LlamaConfigReader.read("SmolLM2-135M config.json", stream);
      return new LlamaModel("SmolLM2-135M", "smollm2/s128", config);
    } catch (IOException e) {
      throw new UncheckedIOException("the SmolLM2 configuration cannot be read", e);
    }
  }

  /// The model of a case.
  ///
  /// @param definition the case, of the family `llama`
  /// @return the model, under the case's name
  /// @throws ModelException if a hyper-parameter is absent, unknown or does not fit
  public static LlamaModel of(CaseDefinition definition) {
    LlamaConfig config = LlamaConfigReader.ofCase(definition.id(), definition.hyperParameters());
    return new LlamaModel(definition.id(), "", config);
  }

  @Override
  public Graph graph(Map<String, TensorType> inputs, Objective objective) {
    TensorType ids = inputs.get(LlamaGraph.IDS);
    if (ids == null || ids.dtype() != DType.I64 || ids.shape().rank() != 2) {
      throw new ModelException(
          id + ": input " + LlamaGraph.IDS + " must be i64[batch,length], not " + ids);
    }
    int length = ids.shape().dim(1);
    if (length < 1 || length > config.maxPositions() || ids.shape().dim(0) < 1) {
      throw new ModelException(
          id
              + ": input "
              + ids
              + " has no tokens or more than "
              + config.maxPositions()
              + " a row");
    }
    return LlamaGraph.of(config, ids.shape().dim(0), length, objective);
  }
}
