package io.griffinfly.engine.train;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Interpretation;
import io.griffinfly.engine.ref.Interpreter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Steps of a training graph on the reference, with the states carried from one to the next.
final class Training {
  private final Graph graph;
  private Map<String, Tensor> states;

  /// States begin with what is given, others with their constant initializer.
  Training(Graph graph, Map<String, Tensor> given) {
    this.graph = graph;
    this.states = new LinkedHashMap<>(given);
    for (Node node : graph.states()) {
      if (node.op() instanceof Leaf.State(String name, TensorType type, _, Initializer.Fill fill)) {
        double[] data = new double[Math.toIntExact(type.shape().size())];
        Arrays.fill(data, fill.value());
        states.putIfAbsent(name, Tensor.of(data, type.shape().dims()));
      }
    }
  }

  Interpretation step(Map<String, Tensor> inputs) {
    Interpretation result = Interpreter.run(graph, inputs, states);
    states = new LinkedHashMap<>(result.states());
    return result;
  }

  void set(String state, double value) {
    states.put(state, Tensor.of(new double[] {value}));
  }

  double[] get(String state) {
    return java.util.Objects.requireNonNull(states.get(state)).toDoubles();
  }
}
