package io.griffinfly.models;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.models.synthetic.TensorKind;
import java.util.Map;

/// A reference model at its full size: all that a harness needs to know of it. What it is run on
/// (input shapes, programs, truth) is told by its cases.
public interface Model {
  /// The name that users type, in full, such as `SmolLM2-135M`.
  ///
  /// @return the name
  String id();

  /// The folder of the case that it is measured on, relative to this package's resources.
  ///
  /// @return the folder, such as `smollm2/s128`
  String defaultCase();

  /// Builds the graph for inputs of given types: batch, length and resolution follow from them. A
  /// graph has the same states, by name and type, for all of its inputs and objectives.
  ///
  /// @param inputs type by input name; one that the objective does not need may be absent
  /// @param objective which scalar the graph ends in
  /// @return the graph, in primitive operations
  /// @throws ModelException if an input is absent or its type does not fit the model
  Graph graph(Map<String, TensorType> inputs, Objective objective);

  /// What a weight is for, which decides its synthetic values.
  ///
  /// @param weight the weight's name
  /// @param type its type
  /// @return the kind
  default TensorKind kind(String weight, TensorType type) {
    return TensorKind.ofWeight(weight, type.shape().rank());
  }
}
