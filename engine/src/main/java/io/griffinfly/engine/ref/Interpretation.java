package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/// What one run of a graph gives. Floating-point tensors are F64 in [Precision#EXACT] and of the
/// graph's own types in [Precision#TYPED].
///
/// @param outputs the graph's outputs by name, in its order
/// @param loss the loss, empty if the graph has none
/// @param states every state of the graph by name, as it is after the run
public record Interpretation(
    SequencedMap<String, Tensor> outputs,
    OptionalDouble loss,
    SequencedMap<String, Tensor> states) {
  /// Copies its arguments.
  public Interpretation {
    outputs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(outputs));
    states = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(states));
  }

  /// One output.
  ///
  /// @param name its name
  /// @return the tensor
  /// @throws GraphException if there is none of that name
  public Tensor output(String name) {
    return named("output", name, outputs);
  }

  /// One state, as it is after the run.
  ///
  /// @param name its name
  /// @return the tensor
  /// @throws GraphException if there is none of that name
  public Tensor state(String name) {
    return named("state", name, states);
  }

  private static Tensor named(String what, String name, SequencedMap<String, Tensor> tensors) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new GraphException(
          "there is no " + what + " " + name + ", only " + tensors.sequencedKeySet());
    }
    return tensor;
  }
}
