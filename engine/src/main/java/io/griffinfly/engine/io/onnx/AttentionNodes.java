package io.griffinfly.engine.io.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Writes attention.
final class AttentionNodes {
  private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);

  /// GroupQueryAttention rotates heads whose depth is a multiple of this.
  private static final int ROTARY_GRANULE = 16;

  private final NodeWriter writer;
  private final RotaryNodes rotary;
  private final Function<Node, String> names;

  AttentionNodes(NodeWriter writer, RotaryNodes rotary, Function<Node, String> names) {
    this.writer = writer;
    this.rotary = rotary;
    this.names = names;
  }

  /// The extents of one attention: queries `[b, h, s, d]`, keys `[b, g, t, d]`, values `[b, g, t,
  /// e]`.
  private record Extents(
      int batch, int heads, int groups, int queries, int keys, int depth, int valueDepth) {
    static Extents of(Node attend) {
      Node q = attend.input(0);
      Node k = attend.input(1);
      return new Extents(
          q.shape().dim(0),
          q.shape().dim(1),
          k.shape().dim(1),
          q.shape().dim(2),
          k.shape().dim(2),
          q.shape().dim(3),
          attend.input(2).shape().dim(3));
    }
  }

  /// The result and, where the form has it, the log-denominators.
  ///
  /// @param logDenominators whether they are needed, which the fused operators cannot yield
  List<String> write(Attention.Attend op, Node node, List<String> inputs, boolean logDenominators) {
    Extents extents = Extents.of(node);
    boolean fits = !logDenominators && node.input(0).dtype() == DType.F32;
    if (fits) {
      switch (writer.form()) {
        case PLAIN -> {}
        case FUSED -> {
          return List.of(fused(op, extents, inputs));
        }
        case CONTRIB -> {
          boolean square = extents.queries == extents.keys && extents.depth == extents.valueDepth;
          if (square && op.mask() == Attention.Mask.CAUSAL) {
            return List.of(headsFirst(groupQuery(op, node, extents), extents));
          }
          if (op.mask() == Attention.Mask.NONE && extents.heads == extents.groups) {
            return List.of(headsFirst(multiHead(op, node, extents), extents));
          }
        }
      }
    }
    return plain(op, node, extents, inputs, logDenominators);
  }

  /// The textbook form. Queries of the heads that share keys become rows of one product, so that
  /// keys and values are not repeated.
  private List<String> plain(
      Attention.Attend op, Node node, Extents of, List<String> inputs, boolean logDenominators) {
    DType dtype = node.input(0).dtype();
    int rows = of.heads / of.groups * of.queries;
    boolean grouped = of.heads != of.groups;
    String q =
        grouped
            ? writer.reshape(inputs.get(0), of.batch, of.groups, rows, of.depth)
            : inputs.get(0);
    String keys = writer.transpose(inputs.get(1), 0, 1, 3, 2);
    String scores =
        writer.node(
            "Mul",
            List.of(writer.node("MatMul", List.of(q, keys)), writer.scalar(dtype, op.scale())));
    if (grouped) {
      scores = writer.reshape(scores, of.batch, of.heads, of.queries, of.keys);
    }
    switch (op.mask()) {
      case NONE -> {}
      case CAUSAL -> scores = writer.node("Add", List.of(scores, causal(dtype, of)));
    }
    String weights = writer.node("Softmax", List.of(scores), NodeWriter.integer("axis", -1));
    if (grouped) {
      weights = writer.reshape(weights, of.batch, of.groups, rows, of.keys);
    }
    String result = writer.node("MatMul", List.of(weights, inputs.get(2)));
    if (grouped) {
      result = writer.reshape(result, of.batch, of.heads, of.queries, of.valueDepth);
    }
    return logDenominators
        ? List.of(result, writer.reduce("ReduceLogSumExp", scores, false, -1))
        : List.of(result);
  }

  /// What is added to the scores: 0 where query i of s sees key j of t, j ≤ i + t − s, else −∞.
  private String causal(DType dtype, Extents of) {
    double[] mask = new double[of.queries * of.keys];
    for (int i = 0; i < of.queries; i++) {
      for (int j = 0; j < of.keys; j++) {
        mask[i * of.keys + j] = j <= i + of.keys - of.queries ? 0 : Double.NEGATIVE_INFINITY;
      }
    }
    return writer.constant(Literal.of(TensorType.of(dtype, of.queries, of.keys), mask));
  }

  private String fused(Attention.Attend op, Extents of, List<String> inputs) {
    List<String> operands = new ArrayList<>(inputs);
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(NodeWriter.real("scale", op.scale()));
    switch (op.mask()) {
      case NONE -> {}
      case CAUSAL -> {
        // The operator's causal mask starts at the first key, ours ends at the last one.
        if (of.queries == of.keys) {
          attributes.add(NodeWriter.integer("is_causal", 1));
        } else {
          operands.add(causal(DType.F32, of));
        }
      }
    }
    return writer.node("Attention", operands, attributes.toArray(AttributeProto[]::new));
  }

  /// Causal attention with its rotary embedding where that stands right before it.
  private String groupQuery(Attention.Attend op, Node node, Extents of) {
    Node q = node.input(0);
    Node k = node.input(1);
    List<AttributeProto> attributes =
        new ArrayList<>(
            List.of(
                NodeWriter.integer("num_heads", of.heads),
                NodeWriter.integer("kv_num_heads", of.groups),
                NodeWriter.real("scale", op.scale())));
    List<String> tables = List.of();
    if (rotatedAlike(q, k)) {
      attributes.add(NodeWriter.integer("do_rotary", 1));
      tables =
          List.of(
              rotary.cache(names.apply(q.input(1)), q), rotary.cache(names.apply(q.input(2)), q));
      q = q.input(0);
      k = k.input(0);
    }
    List<String> operands = new ArrayList<>(List.of(rows(q), rows(k), rows(node.input(2)), "", ""));
    operands.add(writer.constant(Literal.splat(TensorType.of(DType.I32, of.batch), of.keys - 1.0)));
    operands.add(writer.constant(Literal.splat(TensorType.of(DType.I32), of.keys)));
    operands.addAll(tables);
    return writer
        .nodes(
            NodeWriter.CONTRIB,
            "GroupQueryAttention",
            operands,
            3,
            attributes.toArray(AttributeProto[]::new))
        .getFirst();
  }

  private static boolean rotatedAlike(Node q, Node k) {
    return q.op() instanceof Attention.Rotary(boolean inverseQ)
        && k.op() instanceof Attention.Rotary(boolean inverseK)
        && !inverseQ
        && !inverseK
        && q.shape().dim(-1) % ROTARY_GRANULE == 0
        && q.input(1).equals(k.input(1))
        && q.input(2).equals(k.input(2))
        && RotaryNodes.isCache(q.input(1), q)
        && RotaryNodes.isCache(q.input(2), q);
  }

  private String multiHead(Attention.Attend op, Node node, Extents of) {
    return writer.contrib(
        "MultiHeadAttention",
        List.of(rows(node.input(0)), rows(node.input(1)), rows(node.input(2))),
        NodeWriter.integer("num_heads", of.heads),
        NodeWriter.real("scale", op.scale()));
  }

  /// A value `[b, h, s, d]` as `[b, s, h·d]`: where it was made from that form, that form itself.
  private String rows(Node value) {
    int[] dims = value.shape().dims();
    int batch = dims[0];
    int positions = dims[2];
    int width = dims[1] * dims[3];
    if (value.op() instanceof Move.Transpose(List<Integer> permutation)
        && permutation.equals(HEADS_FIRST)) {
      Node split = value.input(0);
      Node source = split.op() instanceof Move.Reshape ? split.input(0) : split;
      return writer.reshape(names.apply(source), batch, positions, width);
    }
    return writer.reshape(
        writer.transpose(names.apply(value), 0, 2, 1, 3), batch, positions, width);
  }

  /// `[b, s, h·e]` as `[b, h, s, e]`; runtimes cancel the transposition against the one that
  /// follows.
  private String headsFirst(String rows, Extents of) {
    return writer.transpose(
        writer.reshape(rows, of.batch, of.queries, of.heads, of.valueDepth), 0, 2, 1, 3);
  }
}
