package io.griffinfly.engine.io.onnx;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Writes operations that move elements, and reads and writes at positions that are data.
final class MoveNodes {
  private final NodeWriter writer;

  MoveNodes(NodeWriter writer) {
    this.writer = writer;
  }

  String write(Move op, Node node, List<String> inputs) {
    String first = inputs.getFirst();
    return switch (op) {
      case Move.Reshape(Shape shape) -> writer.reshape(first, shape.dims());
      case Move.Transpose(List<Integer> permutation) ->
          writer.transpose(first, permutation.stream().mapToInt(Integer::intValue).toArray());
      case Move.Broadcast(Shape shape) -> writer.expand(first, shape.dims());
      case Move.Slice(int axis, int start, int size) -> slice(first, axis, start, size);
      case Move.Pad(int axis, int before, int after) -> {
        long[] pads = new long[2 * node.shape().rank()];
        pads[axis] = before;
        pads[axis + node.shape().rank()] = after;
        yield writer.node(
            "Pad", List.of(first, writer.longs(pads), writer.scalar(node.dtype(), 0)));
      }
      case Move.Concat(int axis) -> writer.node("Concat", inputs, NodeWriter.integer("axis", axis));
      case Move.Project(int index) -> inputs.get(index);
    };
  }

  String slice(String value, int axis, int start, int size) {
    return writer.node(
        "Slice",
        List.of(value, writer.longs(start), writer.longs(start + size), writer.longs(axis)));
  }

  String write(Gather op, Node node, List<String> inputs) {
    return switch (op) {
      case Gather.Take(int axis) -> writer.node("Gather", inputs, NodeWriter.integer("axis", axis));
      case Gather.ScatterAdd(int axis, int extent) -> scatterAdd(axis, extent, node, inputs);
    };
  }

  /// `ScatterND` adds whole rows of the first axes: the indexed axis is brought to the front, the
  /// indices made a column.
  private String scatterAdd(int axis, int extent, Node node, List<String> inputs) {
    Shape indices = node.input(0).shape();
    Shape updates = node.input(1).shape();
    int[] front = toFront(axis, indices.rank(), updates.rank());
    int[] rest = rest(node.shape(), axis);
    int count = Math.toIntExact(indices.size());
    String rows = writer.reshape(writer.transpose(inputs.get(1), front), join(count, rest));
    String column = writer.reshape(writer.cast(inputs.get(0), DType.I64), count, 1);
    TensorType zeros = TensorType.of(node.dtype(), join(extent, rest));
    String sums =
        writer.node(
            "ScatterND",
            List.of(splat(Literal.splat(zeros, 0)), column, rows),
            NodeWriter.text("reduction", "add"));
    return writer.transpose(sums, inverse(toFront(axis, 1, node.shape().rank())));
  }

  /// The permutation that moves axes `axis .. axis + width` before all others.
  private static int[] toFront(int axis, int width, int rank) {
    return IntStream.concat(
            IntStream.range(axis, axis + width),
            IntStream.range(0, rank).filter(i -> i < axis || i >= axis + width))
        .toArray();
  }

  private static int[] inverse(int[] permutation) {
    int[] inverse = new int[permutation.length];
    for (int i = 0; i < permutation.length; i++) {
      inverse[permutation[i]] = i;
    }
    return inverse;
  }

  private static int[] rest(Shape shape, int axis) {
    return IntStream.range(0, shape.rank()).filter(i -> i != axis).map(shape::dim).toArray();
  }

  private static int[] join(int first, int[] rest) {
    return IntStream.concat(IntStream.of(first), Arrays.stream(rest)).toArray();
  }

  /// A constant whose elements are all equal, without writing each of them.
  String splat(Literal literal) {
    TensorType type = literal.type();
    if (type.shape().rank() == 0) {
      return writer.constant(literal);
    }
    Literal one = Literal.splat(TensorType.of(type.dtype(), 1), literal.get(0));
    return writer.node(
        "ConstantOfShape",
        List.of(writer.longs(type.shape().dims())),
        NodeWriter.tensor(
            "value",
            OnnxTypes.header("", one.type()).setRawData(OnnxTypes.raw(one.toTensor())).build()));
  }
}
