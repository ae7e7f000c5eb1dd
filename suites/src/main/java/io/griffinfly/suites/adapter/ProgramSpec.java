package io.griffinfly.suites.adapter;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One computation that a unit compiles and runs.
///
/// @param name names its tensors and times
/// @param kind what an iteration does
/// @param inputSets for each set of inputs, model input name to tensor name in `inputs.safetensors`
/// @param finalSet the set that the last timed iteration runs, and that a verification runs
/// @param outputs model outputs to return
/// @param loss which scalar; null for a forward program
/// @param learningRate step size of the update; 0 without one
/// @param steps updates from the initial parameters whose result is returned; 0 without an update
/// @param metric the metric that its samples feed; null if it is not timed
public record ProgramSpec(
    String name,
    ProgramKind kind,
    List<Map<String, String>> inputSets,
    int finalSet,
    List<String> outputs,
    @Nullable LossKind loss,
    double learningRate,
    int steps,
    @Nullable String metric) {
  /// Copies the collections.
  public ProgramSpec {
    inputSets = inputSets.stream().map(Map::copyOf).toList();
    outputs = List.copyOf(outputs);
  }
}
