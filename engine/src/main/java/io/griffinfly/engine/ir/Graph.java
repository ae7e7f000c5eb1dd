package io.griffinfly.engine.ir;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A finished graph: what a step computes and which states it changes. Immutable; made by
/// [GraphBuilder#build].
public final class Graph {
  private final List<Node> nodes;
  private final SequencedMap<String, Node> outputs;
  private final List<Assign> assigns;
  private final @Nullable Node loss;

  Graph(
      List<Node> nodes,
      SequencedMap<String, Node> outputs,
      List<Assign> assigns,
      @Nullable Node loss) {
    this.nodes = List.copyOf(nodes);
    this.outputs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(outputs));
    this.assigns = List.copyOf(assigns);
    this.loss = loss;
  }

  /// The nodes, operands before their users.
  ///
  /// @return the nodes
  public List<Node> nodes() {
    return nodes;
  }

  /// What a run hands back.
  ///
  /// @return nodes by name, in order
  public SequencedMap<String, Node> outputs() {
    return outputs;
  }

  /// The states that a run changes, in order; no state twice.
  ///
  /// @return the effects
  public List<Assign> assigns() {
    return assigns;
  }

  /// The scalar that training makes small, if there is one.
  ///
  /// @return the loss
  public @Nullable Node loss() {
    return loss;
  }

  /// The nodes whose operation is an input.
  ///
  /// @return inputs, in order
  public List<Node> inputs() {
    return nodes.stream().filter(node -> node.op() instanceof Leaf.Input).toList();
  }

  /// The nodes whose operation is a state.
  ///
  /// @return states, in order
  public List<Node> states() {
    return nodes.stream().filter(node -> node.op() instanceof Leaf.State).toList();
  }

  /// Everything that must be computed: outputs, assigned values and the loss.
  ///
  /// @return the roots, each once
  public List<Node> roots() {
    List<Node> roots = new ArrayList<>(outputs.values());
    assigns.forEach(assign -> roots.add(assign.value()));
    if (loss != null) {
      roots.add(loss);
    }
    return roots.stream().distinct().toList();
  }

  /// The text form, as [GraphText] prints it.
  @Override
  public String toString() {
    return GraphText.print(this);
  }
}
