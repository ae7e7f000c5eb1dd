package io.griffinfly.models.truth;

import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.io.safetensors.Safetensors;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.models.Model;
import io.griffinfly.models.ModelCatalog;
import io.griffinfly.models.Objective;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// A case with its files open, for tests.
///
/// @param model the model of the case
/// @param weights its parameters
/// @param inputs its inputs
/// @param truth what is expected
public record OpenCase(Model model, Safetensors weights, Safetensors inputs, Truth truth)
    implements AutoCloseable {
  /// Makes and opens a case.
  ///
  /// @param name the folder of its resources
  /// @param root where bundles lie
  /// @return the case, to be closed
  /// @throws IOException if a file cannot be read or written
  public static OpenCase open(String name, Path root) throws IOException {
    Path folder = CaseFolder.prepare(name, root, Progress.NONE);
    return new OpenCase(
        ModelCatalog.of(CaseFolder.definition(name)),
        Safetensors.open(folder.resolve(CaseFolder.WEIGHTS)),
        Safetensors.open(folder.resolve(CaseFolder.INPUTS)),
        Truth.open(folder));
  }

  /// The parameters.
  ///
  /// @return tensor by name, views of the file
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> parameters = new HashMap<>();
    weights.names().forEach(name -> parameters.put(name, weights.tensor(name)));
    return parameters;
  }

  /// Inputs of the model.
  ///
  /// @param tensors name in the file by input of the model
  /// @return tensor by input
  public Map<String, Tensor> feed(Map<String, String> tensors) {
    Map<String, Tensor> feed = new HashMap<>();
    tensors.forEach((input, name) -> feed.put(input, inputs.tensor(name)));
    return feed;
  }

  /// The model's graph for some inputs.
  ///
  /// @param feed the inputs
  /// @param objective which scalar it ends in
  /// @return the graph
  public Graph graph(Map<String, Tensor> feed, Objective objective) {
    Map<String, TensorType> types = new HashMap<>();
    feed.forEach((input, tensor) -> types.put(input, tensor.type()));
    return model.graph(types, objective);
  }

  @Override
  public void close() {
    weights.close();
    inputs.close();
    truth.close();
  }
}
