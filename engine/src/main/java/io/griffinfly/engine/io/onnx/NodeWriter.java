package io.griffinfly.engine.io.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.TensorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Collects the nodes and constants of a model. Values are named `%<graph node>_<count>`, constants
/// `%c<count>`, in the order of writing, so equal graphs give equal bytes.
final class NodeWriter {
  static final String CONTRIB = "com.microsoft";

  private final OnnxForm form;
  private final List<NodeProto.Builder> nodes = new ArrayList<>();
  private final Map<Literal, String> constants = new LinkedHashMap<>();
  private int graphNode;
  private int count;

  NodeWriter(OnnxForm form) {
    this.form = form;
  }

  OnnxForm form() {
    return form;
  }

  /// Names what follows after a node of the graph.
  void begin(int id) {
    graphNode = id;
    count = 0;
  }

  private String fresh() {
    return "%" + graphNode + "_" + count++;
  }

  /// Writes a node with one result.
  String node(String operator, List<String> inputs, AttributeProto... attributes) {
    return nodes("", operator, inputs, 1, attributes).getFirst();
  }

  /// Writes a node of ONNX Runtime's own domain with one result.
  String contrib(String operator, List<String> inputs, AttributeProto... attributes) {
    return nodes(CONTRIB, operator, inputs, 1, attributes).getFirst();
  }

  /// Writes a node with several results.
  List<String> nodes(
      String domain,
      String operator,
      List<String> inputs,
      int results,
      AttributeProto... attributes) {
    List<String> outputs = IntStream.range(0, results).mapToObj(_ -> fresh()).toList();
    nodes.add(
        NodeProto.newBuilder()
            .setName(operator + outputs.getFirst())
            .setOpType(operator)
            .setDomain(domain)
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .addAllAttribute(List.of(attributes)));
    return outputs;
  }

  /// A constant; equal ones are written once.
  String constant(Literal literal) {
    return constants.computeIfAbsent(literal, _ -> "%c" + constants.size());
  }

  /// A scalar constant.
  String scalar(DType dtype, double value) {
    return constant(Literal.splat(TensorType.of(dtype), value));
  }

  /// A vector of integers, such as a shape.
  String longs(long... values) {
    double[] exact = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      exact[i] = values[i];
    }
    return constant(Literal.of(TensorType.of(DType.I64, values.length), exact));
  }

  String longs(int... values) {
    return longs(IntStream.of(values).asLongStream().toArray());
  }

  String reshape(String value, int... dims) {
    return node("Reshape", List.of(value, longs(dims)), integer("allowzero", 1));
  }

  String transpose(String value, int... permutation) {
    return node("Transpose", List.of(value), integers("perm", permutation));
  }

  String expand(String value, int... dims) {
    return node("Expand", List.of(value, longs(dims)));
  }

  /// A reduction that took its axes as an attribute until opset 18.
  String reduce(String operator, String value, boolean keepDims, int... axes) {
    AttributeProto keep = integer("keepdims", keepDims ? 1 : 0);
    return form.opset() >= 18 || operator.equals("ReduceSum")
        ? node(operator, List.of(value, longs(axes)), keep)
        : node(operator, List.of(value), keep, integers("axes", axes));
  }

  String cast(String value, DType to) {
    return node("Cast", List.of(value), integer("to", OnnxTypes.code(to)));
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto integers(String name, int... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(IntStream.of(values).asLongStream().boxed().toList())
        .build();
  }

  static AttributeProto real(String name, double value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF((float) value)
        .build();
  }

  static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto tensor(String name, TensorProto value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.TENSOR)
        .setT(value)
        .build();
  }

  /// Gives a written value another name everywhere.
  ///
  /// @return false, and nothing changes, if no node writes it
  boolean rename(String from, String to) {
    if (nodes.stream().noneMatch(node -> node.getOutputList().contains(from))) {
      return false;
    }
    for (NodeProto.Builder node : nodes) {
      for (int i = 0; i < node.getInputCount(); i++) {
        if (node.getInput(i).equals(from)) {
          node.setInput(i, to);
        }
      }
      for (int i = 0; i < node.getOutputCount(); i++) {
        if (node.getOutput(i).equals(from)) {
          node.setOutput(i, to);
        }
      }
    }
    return true;
  }

  /// Writes a copy of a value under a name of its own.
  void copy(String from, String to) {
    nodes.add(
        NodeProto.newBuilder()
            .setName("Identity" + to)
            .setOpType("Identity")
            .addInput(from)
            .addOutput(to));
  }

  /// What was written and is needed for some values: nodes, and constants by name.
  Written finish(Iterable<String> results) {
    Set<String> needed = new HashSet<>();
    results.forEach(needed::add);
    List<NodeProto> kept = new ArrayList<>();
    for (NodeProto.Builder node : nodes.reversed()) {
      if (node.getOutputList().stream().anyMatch(needed::contains)) {
        needed.addAll(node.getInputList());
        kept.add(node.build());
      }
    }
    Map<String, Literal> keptConstants = new LinkedHashMap<>();
    constants.forEach((literal, name) -> {
      if (needed.contains(name)) {
        keptConstants.put(name, literal);
      }
    });
    return new Written(kept.reversed(), keptConstants);
  }

  /// Nodes in order and constants by name.
  record Written(List<NodeProto> nodes, Map<String, Literal> constants) {}
}
