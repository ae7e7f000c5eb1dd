package io.griffinfly.engine.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Builds a graph node by node; the type of every node is inferred and checked at once.
///
/// A builder belongs to one thread. Nodes of one builder cannot be used in another, except that
/// [#of] goes on where a finished graph ended.
public final class GraphBuilder extends Operations {
  private final List<Node> nodes = new ArrayList<>();
  private final Set<Node> known = new HashSet<>();
  private final Map<String, Node> leaves = new HashMap<>();
  private final SequencedMap<String, Node> outputs = new LinkedHashMap<>();
  private final SequencedMap<String, Assign> assigns = new LinkedHashMap<>();
  private int nextId;

  /// Creates an empty builder.
  public GraphBuilder() {}

  /// Goes on with a finished graph: the same nodes, outputs and effects, to which more are added.
  ///
  /// @param graph the graph
  /// @return a builder that holds it
  public static GraphBuilder of(Graph graph) {
    GraphBuilder builder = new GraphBuilder();
    for (Node node : graph.nodes()) {
      builder.adopt(node);
    }
    builder.outputs.putAll(graph.outputs());
    graph.assigns().forEach(assign -> builder.assign(assign.state(), assign.value()));
    return builder;
  }

  private void adopt(Node node) {
    nodes.add(node);
    known.add(node);
    nextId = Math.max(nextId, node.id() + 1);
    switch (node.op()) {
      case Leaf.Input(String name, _) -> leaves.put("input " + name, node);
      case Leaf.State(String name, _, _, _) -> leaves.put("state " + name, node);
      default -> {}
    }
  }

  /// Applies an operation.
  ///
  /// @param op the operation
  /// @param inputs its operands, nodes of this builder
  /// @return the new node
  /// @throws GraphException if the operands do not fit, or a name is taken
  @Override
  public Node add(Op op, List<Node> inputs) {
    return add(nextId, op, inputs);
  }

  /// As [#add(Op, List)], under a number of the caller's choice.
  Node add(int id, Op op, List<Node> inputs) {
    if (id < nextId) {
      throw new GraphException("%" + id + " must have a higher number than the nodes before it");
    }
    for (Node input : inputs) {
      if (!known.contains(input)) {
        throw new GraphException(op + ": operand " + input + " belongs to another builder");
      }
    }
    ValueType type = ShapeRules.infer(op, inputs.stream().map(Node::valueType).toList());
    switch (op) {
      case Leaf.Input(String name, _) -> requireFree("input " + name);
      case Leaf.State(String name, _, _, _) -> requireFree("state " + name);
      default -> {}
    }
    Node node = new Node(id, op, inputs, type);
    adopt(node);
    return node;
  }

  private void requireFree(String key) {
    if (leaves.containsKey(key)) {
      throw new GraphException("there is an " + key + " already");
    }
  }

  /// Declares an input.
  ///
  /// @param name unique among the inputs
  /// @param dtype element type
  /// @param dims extents
  /// @return the node
  public Node input(String name, DType dtype, int... dims) {
    return add(new Leaf.Input(name, TensorType.of(dtype, dims)));
  }

  /// Declares a parameter, or hands back the one of that name: layers that share a weight name it
  /// alike.
  ///
  /// @param name unique among the states
  /// @param initializer its first value
  /// @param dims extents; the element type is F32
  /// @return the node
  /// @throws GraphException if the name is taken by a state of another type
  public Node parameter(String name, Initializer initializer, int... dims) {
    return state(
        new Leaf.State(name, TensorType.of(DType.F32, dims), Leaf.Role.PARAMETER, initializer));
  }

  /// Declares a state, or hands back an equal one.
  ///
  /// @param state the state
  /// @return the node
  /// @throws GraphException if the name is taken by a different state
  public Node state(Leaf.State state) {
    Node present = leaves.get("state " + state.name());
    if (present == null) {
      return add(state);
    }
    if (!present.op().equals(state)) {
      throw new GraphException(
          "state " + state.name() + " is " + present.op() + " already, not " + state);
    }
    return present;
  }

  /// Names a result of the graph.
  ///
  /// @param name unique among the outputs
  /// @param node the result
  /// @return the same node
  public Node output(String name, Node node) {
    if (outputs.putIfAbsent(name, node) != null) {
      throw new GraphException("there is an output " + name + " already");
    }
    return node;
  }

  /// Changes a state when the step ends.
  ///
  /// @param state a state's node
  /// @param value its new value
  public void assign(Node state, Node value) {
    if (!(state.op() instanceof Leaf.State(String name, TensorType type, _, _))) {
      throw new GraphException("only a state can be assigned, not " + state.op());
    }
    if (!type.equals(value.type())) {
      throw new GraphException("state " + name + " is " + type + ", not " + value.type());
    }
    if (assigns.putIfAbsent(name, new Assign(state, value)) != null) {
      throw new GraphException("state " + name + " is assigned twice");
    }
  }

  /// Finishes the graph. Nodes that nothing needs are left out, but for inputs.
  ///
  /// @return the graph
  public Graph build() {
    return finish(null);
  }

  /// Finishes the graph with a loss.
  ///
  /// @param loss the scalar that training makes small
  /// @return the graph
  public Graph build(Node loss) {
    if (loss.shape().rank() != 0 || !loss.dtype().isFloat()) {
      throw new GraphException("the loss must be a floating-point scalar, not " + loss.type());
    }
    return finish(loss);
  }

  private Graph finish(@Nullable Node loss) {
    Set<Node> needed = new HashSet<>();
    needed.addAll(outputs.values());
    if (loss != null) {
      needed.add(loss);
    }
    for (Assign assign : assigns.values()) {
      needed.add(assign.state());
      needed.add(assign.value());
    }
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      if (needed.contains(node) || node.op() instanceof Leaf.Input) {
        needed.addAll(node.inputs());
        kept.add(node);
      }
    }
    return new Graph(kept.reversed(), outputs, List.copyOf(assigns.values()), loss);
  }
}
