package io.griffinfly.engine.opt;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Computes what depends on constants only, in double precision, and puts the result in its place:
/// a rotary table is rounded once, at its end, and no run computes it again.
public final class ConstantTables {
  /// Largest table that is kept, in elements: 16 MiB in double precision.
  private static final long MAX_ELEMENTS = 1L << 21;

  private final Map<Node, Value.Array> values = new HashMap<>();
  private final Map<Node, Node> made = new HashMap<>();
  private final GraphBuilder builder = new GraphBuilder();

  private ConstantTables() {}

  /// Folds the constants of a graph.
  ///
  /// @param graph the graph
  /// @return an equal graph
  public static Graph fold(Graph graph) {
    ConstantTables tables = new ConstantTables();
    graph.nodes().forEach(tables::visit);
    graph.outputs().forEach((name, node) -> tables.builder.output(name, tables.get(node)));
    graph
        .assigns()
        .forEach(a -> tables.builder.assign(tables.get(a.state()), tables.get(a.value())));
    return graph.loss() == null
        ? tables.builder.build()
        : tables.builder.build(tables.get(graph.loss()));
  }

  private void visit(Node node) {
    if (isTable(node)) {
      List<Value.Array> operands = node.inputs().stream().map(values::get).toList();
      if (Interpreter.apply(node.op(), operands) instanceof Value.Array array) {
        values.put(node, array);
        return;
      }
    }
    made.put(node, builder.add(node.op(), node.inputs().stream().map(this::get).toList()));
  }

  private boolean isTable(Node node) {
    boolean constant =
        switch (node.op()) {
          case Leaf.Constant _, Leaf.Iota _ -> true;
          case Leaf.Input _, Leaf.State _ -> false;
          default -> values.keySet().containsAll(node.inputs());
        };
    return constant
        && node.valueType() instanceof TensorType type
        && type.shape().size() <= MAX_ELEMENTS;
  }

  /// The node that stands for another in the new graph; a folded value becomes a constant when it
  /// is first asked for.
  private Node get(Node node) {
    Node present = made.get(node);
    if (present == null) {
      present = builder.constant(Objects.requireNonNull(values.get(node)).toLiteral());
      made.put(node, present);
    }
    return present;
  }
}
