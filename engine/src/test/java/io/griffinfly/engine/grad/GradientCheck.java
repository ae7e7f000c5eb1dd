package io.griffinfly.engine.grad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.Verifier;
import io.griffinfly.engine.ref.Interpretation;
import io.griffinfly.engine.ref.Interpreter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Compares gradients with finite differences in double precision.
final class GradientCheck {
  /// The difference over five points has a remainder of STEP⁴·f⁗′/30, 2·10⁻¹⁵ times a derivative
  /// that stays below 10⁵ in these tests, and rounding of 2⁻⁵²·|loss|/STEP, some 10⁻¹¹.
  static final double STEP = 5e-4;

  static final double TOLERANCE = 1e-8;

  private GradientCheck() {}

  /// Checks the gradient of a graph's loss for every floating-point input.
  ///
  /// @param forward the graph, with a loss
  /// @param inputs a value of every input, F64 for floating point
  static void check(Graph forward, Map<String, Tensor> inputs) {
    var g = GraphBuilder.of(forward);
    Node loss = Objects.requireNonNull(forward.loss());
    List<Node> wrt = forward.inputs().stream().filter(node -> node.dtype().isFloat()).toList();
    Backprop.gradients(g, loss, wrt).forEach((node, gradient) -> g.output(name(node), gradient));
    Graph backward = Verifier.verify(g.build(loss), "backprop");
    Interpretation actual = Interpreter.run(backward, inputs, Map.of());
    assertTrue(Double.isFinite(actual.loss().orElseThrow()), "the loss is not finite");
    for (Node node : wrt) {
      Tensor gradient = actual.output(name(node));
      assertEquals(node.shape(), gradient.shape());
      for (int i = 0; i < gradient.size(); i++) {
        double expected = slope(forward, inputs, name(node), i);
        int element = i;
        assertEquals(
            expected,
            gradient.getDouble(i),
            TOLERANCE * Math.max(1, Math.abs(expected)),
            () -> "gradient of " + name(node) + " element " + element + " in\n" + backward);
      }
    }
  }

  private static String name(Node node) {
    return node.op() instanceof Leaf.Input(String name, _) ? name : node.toString();
  }

  /// (8(f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h.
  private static double slope(Graph graph, Map<String, Tensor> inputs, String name, int element) {
    double near =
        loss(graph, inputs, name, element, STEP) - loss(graph, inputs, name, element, -STEP);
    double far =
        loss(graph, inputs, name, element, 2 * STEP)
            - loss(graph, inputs, name, element, -2 * STEP);
    return (8 * near - far) / (12 * STEP);
  }

  private static double loss(
      Graph graph, Map<String, Tensor> inputs, String name, int element, double by) {
    double[] moved = java.util.Objects.requireNonNull(inputs.get(name)).toDoubles();
    moved[element] += by;
    Map<String, Tensor> all = new HashMap<>(inputs);
    all.put(name, Tensor.of(moved, inputs.get(name).shape().dims()));
    return Interpreter.run(graph, all, Map.of()).loss().orElseThrow();
  }
}
