package io.griffinfly.engine.io.onnx;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Turns a forward graph into an ONNX model. Inputs, states and outputs keep their names; shapes
/// are those of the graph.
public final class OnnxExporter {
  private final NodeWriter writer;
  private final Map<Node, List<String>> names = new HashMap<>();
  private final Set<Node> needLogDenominators = new HashSet<>();
  private final ElementwiseNodes elementwise;
  private final MoveNodes moves;
  private final ContractNodes contracts;
  private final NormNodes norms;
  private final RotaryNodes rotary;
  private final AttentionNodes attention;

  private OnnxExporter(OnnxForm form) {
    writer = new NodeWriter(form);
    elementwise = new ElementwiseNodes(writer);
    moves = new MoveNodes(writer);
    contracts = new ContractNodes(writer, elementwise);
    norms = new NormNodes(writer);
    rotary = new RotaryNodes(writer, moves);
    attention = new AttentionNodes(writer, rotary, this::name);
  }

  /// Exports a graph. A graph in which the optimizer has found norms, rotary embeddings and
  /// attention gives the runtime more to work with than the primitives do.
  ///
  /// @param graph a graph that assigns no state
  /// @param form which operators to use
  /// @return the model, to which the states' values are still to be added
  /// @throws OnnxExportException if the graph assigns states or has an operation without an ONNX
  ///   form, no outputs, or the message classes are not on the path
  public static OnnxModel export(Graph graph, OnnxForm form) {
    requireMessageClasses();
    if (!graph.assigns().isEmpty()) {
      throw new OnnxExportException(
          "the graph changes states, which ONNX models cannot: export the forward graph");
    }
    if (graph.outputs().isEmpty()) {
      throw new OnnxExportException("the graph has no outputs: name at least one");
    }
    OnnxExporter exporter = new OnnxExporter(form);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Move.Project(int index) && index == 1) {
        exporter.needLogDenominators.add(node.input(0));
      }
    }
    graph.nodes().forEach(exporter::write);
    return exporter.finish(graph);
  }

  private static void requireMessageClasses() {
    try {
      Class.forName("ai.onnx.proto.OnnxMl");
    } catch (ClassNotFoundException e) {
      throw new OnnxExportException(
          "writing ONNX needs org.tribuo:tribuo-util-onnx, which is not on the path", e);
    }
  }

  private String name(Node node) {
    List<String> all = names.getOrDefault(node, List.of());
    if (all.size() != 1) {
      throw new OnnxExportException(node + " " + node.op() + " is not a single written value");
    }
    return all.getFirst();
  }

  private void write(Node node) {
    writer.begin(node.id());
    List<String> inputs =
        node.op() instanceof Move.Project
            ? names.getOrDefault(node.input(0), List.of())
            : node.inputs().stream().map(this::name).toList();
    names.put(node, write(node.op(), node, inputs));
  }

  private List<String> write(Op op, Node node, List<String> inputs) {
    return switch (op) {
      case Leaf leaf -> List.of(leaf(leaf));
      case Elementwise map -> List.of(elementwise.write(map, node, inputs));
      case Reduce reduce -> List.of(contracts.write(reduce, inputs));
      case Contract contract -> List.of(contracts.write(contract, node, inputs));
      case Move move -> List.of(moves.write(move, node, inputs));
      case Gather gather -> List.of(moves.write(gather, node, inputs));
      case Norm norm -> norms.write(norm, node, inputs);
      case Loss loss -> norms.write(loss, node, inputs);
      case Attention.Rotary turn -> List.of(rotary.write(turn, node, inputs));
      case Attention.Attend attend ->
          attention.write(attend, node, inputs, needLogDenominators.contains(node));
      case Attention.AttendGrad _ ->
          throw new OnnxExportException(
              op + " has no ONNX form: export the forward graph, before gradients are added");
    };
  }

  private String leaf(Leaf leaf) {
    return switch (leaf) {
      case Leaf.Input(String name, _) -> name;
      case Leaf.State(String name, _, _, _) -> name;
      case Leaf.Constant(Literal literal) ->
          literal.isSplat() ? moves.splat(literal) : writer.constant(literal);
      case Leaf.Iota(TensorType type, int axis) -> iota(type, axis);
    };
  }

  private String iota(TensorType type, int axis) {
    double[] counts = new double[type.shape().dim(axis)];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = i;
    }
    int[] dims = new int[type.shape().rank()];
    Arrays.fill(dims, 1);
    dims[axis] = counts.length;
    String line = writer.constant(Literal.of(TensorType.of(type.dtype(), dims), counts));
    return type.shape().size() == counts.length ? line : writer.expand(line, type.shape().dims());
  }

  private OnnxModel finish(Graph graph) {
    Set<String> taken = new HashSet<>();
    List<Leaf.Input> inputs = new ArrayList<>();
    List<Leaf.State> states = new ArrayList<>();
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Leaf.Input input -> {
          inputs.add(input);
          take(taken, input.name());
        }
        case Leaf.State state -> {
          states.add(state);
          take(taken, state.name());
        }
        default -> {}
      }
    }
    graph
        .outputs()
        .forEach((name, node) -> {
          take(taken, name);
          String value = name(node);
          if (taken.contains(value) || !writer.rename(value, name)) {
            writer.copy(value, name);
          } else {
            names.replaceAll(
                (_, all) -> all.stream().map(n -> n.equals(value) ? name : n).toList());
          }
        });
    return new OnnxModel(
        writer.form(), inputs, states, graph.outputs(), writer.finish(graph.outputs().keySet()));
  }

  private static void take(Set<String> taken, String name) {
    if (!taken.add(name) || name.startsWith("%")) {
      throw new OnnxExportException(
          "ONNX has one space of names for inputs, states and outputs: " + name + " is taken");
    }
  }
}
