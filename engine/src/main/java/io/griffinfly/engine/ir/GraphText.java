package io.griffinfly.engine.ir;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The text form of a graph, printed and parsed: one node a line, then outputs, effects and the
/// loss.
///
/// ```
/// %0 = Input{name="x", type=f32[2,5]} : f32[2,5]
/// %1 = State{name="w", type=f32[3,5], role=PARAMETER, initializer=Normal{standardDeviation=0.02}} : f32[3,5]
/// %2 = MatMul{transposeRight=true}(%0, %1) : f32[2,3]
/// output "y" = %2
/// ```
///
/// Attributes are the components of the operation's record, in order; those that are false are left
/// out. Empty lines and lines that begin with `#` are skipped. Parsing what was printed gives a
/// graph that prints the same.
public final class GraphText {
  private GraphText() {}

  /// Prints a graph.
  ///
  /// @param graph the graph
  /// @return its text
  public static String print(Graph graph) {
    StringBuilder text = new StringBuilder();
    for (Node node : graph.nodes()) {
      text.append(node).append(" = ").append(AttributeText.print((Record) node.op()));
      if (!node.inputs().isEmpty()) {
        text.append(list(node.inputs()));
      }
      text.append(" : ").append(print(node.valueType())).append('\n');
    }
    graph
        .outputs()
        .forEach((name, node) ->
            text.append("output ")
                .append(TextScanner.quote(name))
                .append(" = ")
                .append(node)
                .append('\n'));
    for (Assign assign : graph.assigns()) {
      text.append("assign ").append(assign.state()).append(" = ").append(assign.value());
      text.append('\n');
    }
    if (graph.loss() != null) {
      text.append("loss = ").append(graph.loss()).append('\n');
    }
    return text.toString();
  }

  private static String print(ValueType type) {
    return switch (type) {
      case TensorType tensor -> tensor.toString();
      case ValueType.Tuple(List<TensorType> elements) -> list(elements);
    };
  }

  private static String list(List<?> elements) {
    return elements.stream().map(Object::toString).collect(Collectors.joining(", ", "(", ")"));
  }

  /// Parses a graph and checks its types. Node numbers are kept; they must ascend.
  ///
  /// @param text the text, as [#print] writes it
  /// @return the graph
  /// @throws GraphException with the number of the first line that is wrong
  public static Graph parse(String text) {
    Parser parser = new Parser();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      try {
        parser.line(lines.get(i));
      } catch (GraphException e) {
        throw new GraphException("line " + (i + 1) + ": " + e.getMessage());
      }
    }
    return parser.loss == null ? parser.builder.build() : parser.builder.build(parser.loss);
  }

  private static final class Parser {
    final GraphBuilder builder = new GraphBuilder();
    final Map<Integer, Node> nodes = new HashMap<>();
    @Nullable Node loss;

    void line(String line) {
      TextScanner in = new TextScanner(line);
      if (in.atEnd() || in.take("#")) {
        return;
      }
      if (in.sees("%")) {
        node(in);
      } else if (in.take("output")) {
        String name = in.quoted();
        in.expect("=");
        builder.output(name, use(in));
      } else if (in.take("assign")) {
        Node state = use(in);
        in.expect("=");
        builder.assign(state, use(in));
      } else if (in.take("loss")) {
        in.expect("=");
        loss = use(in);
      } else {
        throw in.unexpected("a node, 'output', 'assign' or 'loss'");
      }
      if (!in.atEnd()) {
        throw in.unexpected("the end of the line");
      }
    }

    private void node(TextScanner in) {
      int id = id(in);
      in.expect("=");
      Op op = (Op) AttributeText.parse(in, Op.class);
      List<Node> inputs =
          in.take("(") ? AttributeText.parseList(in, ")", () -> use(in)) : List.of();
      in.expect(":");
      ValueType stated =
          in.take("(")
              ? new ValueType.Tuple(
                  AttributeText.parseList(in, ")", () -> AttributeText.parseType(in)))
              : AttributeText.parseType(in);
      Node node = builder.add(id, op, inputs);
      if (!node.valueType().equals(stated)) {
        throw new GraphException(
            node + " = " + op + " has type " + print(node.valueType()) + ", not " + print(stated));
      }
      nodes.put(id, node);
    }

    private static int id(TextScanner in) {
      in.expect("%");
      return in.smallInteger();
    }

    private Node use(TextScanner in) {
      int id = id(in);
      Node node = nodes.get(id);
      if (node == null) {
        throw new GraphException("%" + id + " is used before it is made");
      }
      return node;
    }
  }
}
