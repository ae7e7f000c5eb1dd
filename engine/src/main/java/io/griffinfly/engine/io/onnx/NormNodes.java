package io.griffinfly.engine.io.onnx;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import java.util.List;

/// Writes norms and losses.
final class NormNodes {
  private final NodeWriter writer;

  NormNodes(NodeWriter writer) {
    this.writer = writer;
  }

  List<String> write(Norm op, Node node, List<String> inputs) {
    return switch (op) {
      case Norm.RmsNorm(double epsilon) -> List.of(rmsNorm(epsilon, node.dtype(), inputs));
      case Norm.RmsNormGrad _ -> throw gradient(op);
    };
  }

  private static OnnxExportException gradient(Object op) {
    return new OnnxExportException(
        op + " has no ONNX form: export the forward graph, before gradients are added");
  }

  private String rmsNorm(double epsilon, DType dtype, List<String> inputs) {
    if (dtype == DType.F32) {
      switch (writer.form()) {
        case PLAIN -> {}
        case FUSED -> {
          return writer.node(
              "RMSNormalization",
              inputs,
              NodeWriter.integer("axis", -1),
              NodeWriter.real("epsilon", epsilon));
        }
        case CONTRIB -> {
          // ONNX Runtime keeps this one in the default domain.
          return writer.node(
              "SimplifiedLayerNormalization",
              inputs,
              NodeWriter.integer("axis", -1),
              NodeWriter.real("epsilon", epsilon));
        }
      }
    }
    // Pow, ReduceMean, Add, Sqrt, Div, Mul in this order is what runtimes recognize as this norm;
    // ONNX Runtime 1.29 does so in f64 too and then loses the ε, so there the pattern is broken up.
    String x = inputs.getFirst();
    String square =
        dtype == DType.F32
            ? writer.node("Pow", List.of(x, writer.scalar(dtype, 2)))
            : writer.node("Mul", List.of(x, x));
    String mean = writer.reduce("ReduceMean", square, true, -1);
    String sum = writer.node("Add", List.of(mean, writer.scalar(dtype, epsilon)));
    String scaled = writer.node("Div", List.of(x, writer.node("Sqrt", List.of(sum))));
    return writer.node("Mul", List.of(scaled, inputs.get(1)));
  }

  /// The mean loss and each position's log-denominator.
  List<String> write(Loss op, Node node, List<String> inputs) {
    return switch (op) {
      case Loss.CrossEntropy(long ignoreIndex) -> {
        Node logits = node.input(0);
        int classes = logits.shape().dim(-1);
        int positions = Math.toIntExact(node.input(1).shape().size());
        yield List.of(
            writer.node(
                "SoftmaxCrossEntropyLoss",
                List.of(
                    writer.reshape(inputs.get(0), positions, classes),
                    writer.reshape(inputs.get(1), positions)),
                NodeWriter.integer("ignore_index", ignoreIndex),
                NodeWriter.text("reduction", "mean")),
            writer.reduce("ReduceLogSumExp", inputs.get(0), false, -1));
      }
      case Loss.CrossEntropyGrad _ -> throw gradient(op);
    };
  }
}
