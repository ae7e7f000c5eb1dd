package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// One evaluation of a graph. A value is dropped after its last use and a state is read at its
/// first, so that a model needs little more memory than its weights.
final class GraphRun {
  private final Graph graph;
  private final Map<String, Tensor> inputs;
  private final Map<String, Tensor> states;
  private final Precision precision;
  private final Map<Node, Value> values = new HashMap<>();
  private final Map<Node, Integer> usesLeft = new HashMap<>();

  GraphRun(
      Graph graph, Map<String, Tensor> inputs, Map<String, Tensor> states, Precision precision) {
    this.graph = graph;
    this.inputs = inputs;
    this.states = states;
    this.precision = precision;
  }

  Interpretation run() {
    requireKnownInputs();
    countUses();
    for (Node node : graph.nodes()) {
      if (!isGiven(node)) {
        values.put(node, evaluate(node));
        release(node, 0);
      }
    }
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    graph.outputs().forEach((name, node) -> outputs.put(name, tensor(node)));
    SequencedMap<String, Tensor> after = new LinkedHashMap<>();
    for (Node node : graph.states()) {
      if (node.op() instanceof Leaf.State(String name, TensorType type, _, _)) {
        after.put(name, given("state", name, type, states.get(name)));
      }
    }
    for (Assign assign : graph.assigns()) {
      if (assign.state().op() instanceof Leaf.State(String name, _, _, _)) {
        after.put(name, tensor(assign.value()));
      }
    }
    Node loss = graph.loss();
    return new Interpretation(
        outputs,
        loss == null ? OptionalDouble.empty() : OptionalDouble.of(array(loss).get(0)),
        after);
  }

  private void requireKnownInputs() {
    List<String> names =
        graph.inputs().stream()
            .map(node -> node.op() instanceof Leaf.Input(String name, _) ? name : "")
            .toList();
    for (String name : inputs.keySet()) {
      if (!names.contains(name)) {
        throw new GraphException("the graph has no input " + name + ", only " + names);
      }
    }
  }

  private void countUses() {
    for (Node node : graph.nodes()) {
      node.inputs().forEach(input -> usesLeft.merge(input, 1, Integer::sum));
    }
    graph.roots().forEach(root -> usesLeft.merge(root, 1, Integer::sum));
  }

  private void release(Node node, int uses) {
    if (usesLeft.merge(node, -uses, Integer::sum) == 0) {
      values.remove(node);
    }
  }

  private static boolean isGiven(Node node) {
    return node.op() instanceof Leaf.Input || node.op() instanceof Leaf.State;
  }

  private Value evaluate(Node node) {
    List<Value> operands = node.inputs().stream().map(this::value).toList();
    try {
      return Interpreter.apply(node.op(), operands, precision);
    } catch (GraphException e) {
      throw new GraphException(node + " = " + node.op() + ": " + e.getMessage());
    } finally {
      node.inputs().forEach(input -> release(input, 1));
    }
  }

  private Value value(Node node) {
    Value present = values.get(node);
    if (present != null) {
      return present;
    }
    Value read =
        switch (node.op()) {
          case Leaf.Input(String name, TensorType type) ->
              read(type, given("input", name, type, inputs.get(name)));
          case Leaf.State(String name, TensorType type, _, _) ->
              read(type, given("state", name, type, states.get(name)));
          default -> throw new GraphException(node + " = " + node.op() + " has no value yet");
        };
    values.put(node, read);
    return read;
  }

  private Array read(TensorType type, Tensor tensor) {
    Array array = Array.of(type, Array.of(tensor).data());
    return switch (precision) {
      case EXACT -> array;
      case TYPED -> ElementwiseReference.fill(type, i -> type.dtype().round(array.get(i)));
    };
  }

  private static Tensor given(String kind, String name, TensorType type, @Nullable Tensor tensor) {
    if (tensor == null) {
      throw new GraphException(kind + " " + name + " " + type + " is missing");
    }
    boolean alike =
        tensor.dtype() == type.dtype() || (tensor.dtype().isFloat() && type.dtype().isFloat());
    if (!alike || !tensor.shape().equals(type.shape())) {
      throw new GraphException(kind + " " + name + " is " + type + ", not " + tensor.type());
    }
    return tensor;
  }

  private Array array(Node node) {
    return switch (value(node)) {
      case Array array -> array;
      case Value.Tuple _ ->
          throw new GraphException(node + " has several results: project one of them");
    };
  }

  private Tensor tensor(Node node) {
    return switch (precision) {
      case EXACT -> array(node).toExactTensor();
      case TYPED -> array(node).toTensor();
    };
  }
}
