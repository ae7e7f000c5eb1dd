package io.griffinfly.engine.io.onnx;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Shape;
import java.util.List;

/// Writes rotary embeddings.
final class RotaryNodes {
  private final NodeWriter writer;
  private final MoveNodes moves;

  RotaryNodes(NodeWriter writer, MoveNodes moves) {
    this.writer = writer;
    this.moves = moves;
  }

  String write(Attention.Rotary op, Node node, List<String> inputs) {
    String x = inputs.get(0);
    String sin = op.inverse() ? writer.node("Neg", List.of(inputs.get(2))) : inputs.get(2);
    String cos = inputs.get(1);
    boolean fits = node.dtype() == DType.F32 && node.shape().rank() == 4;
    Node table = node.input(1);
    if (fits && perPosition(table, node) && perPosition(node.input(2), node)) {
      switch (writer.form()) {
        case PLAIN -> {}
        case FUSED -> {
          return writer.node(
              "RotaryEmbedding",
              List.of(x, perBatch(cos, table, node), perBatch(sin, node.input(2), node)));
        }
        case CONTRIB -> {
          if (isCache(table, node) && isCache(node.input(2), node)) {
            return writer.contrib(
                "RotaryEmbedding", List.of(x, writer.longs(0), cache(cos, node), cache(sin, node)));
          }
        }
      }
    }
    return plain(x, cos, sin, node.shape());
  }

  private String plain(String x, String cos, String sin, Shape shape) {
    int half = shape.dim(-1) / 2;
    int last = shape.rank() - 1;
    String a = moves.slice(x, last, 0, half);
    String b = moves.slice(x, last, half, half);
    String first =
        writer.node(
            "Sub",
            List.of(writer.node("Mul", List.of(a, cos)), writer.node("Mul", List.of(b, sin))));
    String second =
        writer.node(
            "Add",
            List.of(writer.node("Mul", List.of(b, cos)), writer.node("Mul", List.of(a, sin))));
    return writer.node("Concat", List.of(first, second), NodeWriter.integer("axis", last));
  }

  /// Whether a table is the same for every head of `x`, `[b, h, s, d]`.
  private static boolean perPosition(Node table, Node x) {
    Shape shape = table.shape();
    return shape.dim(-1) == x.shape().dim(-1) / 2 && (shape.rank() < 3 || shape.dim(-3) == 1);
  }

  /// Whether a table has one row for each position, the same for every head and batch.
  static boolean isCache(Node table, Node x) {
    Shape shape = table.shape();
    return perPosition(table, x)
        && shape.size() == (long) x.shape().dim(-2) * x.shape().dim(-1) / 2;
  }

  /// A table as `[s, d/2]`.
  String cache(String table, Node x) {
    return writer.reshape(table, x.shape().dim(-2), x.shape().dim(-1) / 2);
  }

  /// A table as `[b, s, d/2]`.
  private String perBatch(String value, Node table, Node x) {
    Shape shape = table.shape();
    int batch = shape.rank() == 4 ? shape.dim(0) : 1;
    int positions = shape.rank() >= 2 ? shape.dim(-2) : 1;
    int half = shape.dim(-1);
    String rows = writer.reshape(value, batch, positions, half);
    return batch == x.shape().dim(0) && positions == x.shape().dim(2)
        ? rows
        : writer.expand(rows, x.shape().dim(0), x.shape().dim(2), half);
  }
}
