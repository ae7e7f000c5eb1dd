package io.griffinfly.engine.grad;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ref.Interpreter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BackpropTest {
  private static Tensor random(int seed, int... dims) {
    return Tensor.of(new Random(seed).doubles(Shape.of(dims).size(), -1, 1).toArray(), dims);
  }

  private static Node total(GraphBuilder g, Node x) {
    int[] all = new int[x.shape().rank()];
    java.util.Arrays.setAll(all, axis -> axis);
    return g.sum(x, false, all);
  }

  private static List<Op> opsOf(Graph graph) {
    return graph.nodes().stream().map(Node::op).toList();
  }

  @Test
  void operandsThatStandTwiceGetBothGradients() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F64, 3, 3);
    Node y = g.mul(x, x);
    y = g.matMul(y, y, true, false);
    y = g.concat(0, y, y, x);
    y = g.map(ScalarFn.SIN, y);
    GradientCheck.check(g.build(total(g, g.mul(y, y))), Map.of("x", random(1, 3, 3)));
  }

  @Test
  void fusedProductsOfOneOperandGetAllOfItsGradient() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F64, 3, 3);
    // The third operand is made from the first: what flows through it must not be counted twice.
    Node made = g.map(ScalarFn.TANH, x);
    var epilogue =
        ScalarExpr.apply(
            ScalarFn.MUL,
            new ScalarExpr.Arg(0),
            ScalarExpr.apply(ScalarFn.ADD, new ScalarExpr.Arg(1), new ScalarExpr.Arg(2)));
    Node y = g.add(new Contract.FusedMatMul(false, true, epilogue), x, x, made, x);
    GradientCheck.check(g.build(total(g, g.map(ScalarFn.SIN, y))), Map.of("x", random(2, 3, 3)));
  }

  @Test
  void nodesInTheMiddleAndTheLossItselfHaveGradients() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F64, 2);
    Node middle = g.map(ScalarFn.EXP, x);
    Node loss = total(g, g.mul(middle, x));
    Map<Node, Node> gradients = Backprop.gradients(g, loss, List.of(middle, x, loss));
    g.output("middle", requireNonNull(gradients.get(middle)));
    g.output("x", requireNonNull(gradients.get(x)));
    g.output("loss", requireNonNull(gradients.get(loss)));
    var run = Interpreter.run(g.build(), Map.of("x", Tensor.of(new double[] {0, 1}, 2)), Map.of());
    assertArrayEquals(new double[] {0, 1}, run.output("middle").toDoubles());
    assertArrayEquals(new double[] {1, 2 * Math.E}, run.output("x").toDoubles(), 1e-15);
    assertArrayEquals(new double[] {1}, run.output("loss").toDoubles());
  }

  @Test
  void whatTheLossDoesNotUseHasGradientZero() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 2, 3);
    Node other = g.input("other", DType.F16, 4);
    Node through = g.cast(g.cast(other, DType.I32), DType.F32);
    Node loss = g.add(total(g, x), total(g, through));
    Map<Node, Node> gradients = Backprop.gradients(g, loss, List.of(x, other));
    assertEquals(other.type(), requireNonNull(gradients.get(other)).type());
    g.output("other", requireNonNull(gradients.get(other)));
    Map<String, Tensor> inputs = Map.of("x", random(1, 2, 3), "other", random(2, 4));
    assertArrayEquals(
        new double[4], Interpreter.run(g.build(), inputs, Map.of()).output("other").toDoubles());
  }

  @Test
  void onlyPathsToWhatIsWantedAreDifferentiated() {
    var g = new GraphBuilder();
    Node frozen = g.input("frozen", DType.F32, 3, 4);
    Node w = g.input("w", DType.F32, 4, 5);
    Node h = g.map(ScalarFn.TANH, frozen);
    int before = g.build(total(g, g.matMul(h, w))).nodes().size();
    Node loss = total(g, g.matMul(h, w));
    g.output("w'", requireNonNull(Backprop.gradients(g, loss, List.of(w)).get(w)));
    Graph graph = g.build(loss);
    // One constant, the reshape and broadcast of the sum's gradient, one product.
    assertEquals(before + 4, graph.nodes().size(), graph::toString);
  }

  @Test
  void integersAndVectorsAreRefused() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 2);
    Node ids = g.input("ids", DType.I64, 2);
    Node loss = total(g, x);
    assertThrows(GraphException.class, () -> Backprop.gradients(g, x, List.of(x)));
    assertThrows(GraphException.class, () -> Backprop.gradients(g, loss, List.of(ids)));
    assertThrows(
        GraphException.class, () -> Backprop.gradients(g, g.cast(loss, DType.I32), List.of(x)));
  }

  @Test
  void logDenominatorsOfAttentionAreRefused() {
    var g = new GraphBuilder();
    Node q = g.input("q", DType.F32, 1, 1, 2, 2);
    Node y = g.add(new Attention.Attend(1, Attention.Mask.NONE), q, q, q);
    Node loss = g.add(total(g, g.project(y, 0)), total(g, g.project(y, 1)));
    var e = assertThrows(GraphException.class, () -> Backprop.gradients(g, loss, List.of(q)));
    assertTrue(String.valueOf(e.getMessage()).contains("log-denominators"), e::getMessage);
  }

  private static double[] gradientOf(ScalarFn fn, double... operands) {
    var g = new GraphBuilder();
    Node[] nodes = new Node[operands.length];
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = g.input("x" + i, DType.F64);
    }
    Map<Node, Node> gradients = Backprop.gradients(g, g.map(fn, nodes), List.of(nodes));
    Map<String, Tensor> inputs = new java.util.HashMap<>();
    for (int i = 0; i < nodes.length; i++) {
      g.output("d" + i, requireNonNull(gradients.get(nodes[i])));
      inputs.put("x" + i, Tensor.of(new double[] {operands[i]}));
    }
    var run = Interpreter.run(g.build(), inputs, Map.of());
    return run.outputs().values().stream().mapToDouble(d -> d.getDouble(0)).toArray();
  }

  @Test
  void kinksAreShared() {
    assertArrayEquals(new double[] {0.5, 0.5}, gradientOf(ScalarFn.MAX, 3, 3));
    assertArrayEquals(new double[] {0.5, 0.5}, gradientOf(ScalarFn.MIN, -1, -1));
    assertArrayEquals(new double[] {0}, gradientOf(ScalarFn.RELU, 0));
    assertArrayEquals(new double[] {0}, gradientOf(ScalarFn.ABS, 0));
    assertArrayEquals(new double[] {0}, gradientOf(ScalarFn.SIGN, 2));
  }

  @Test
  void powersAtZeroHaveFiniteGradients() {
    assertArrayEquals(new double[] {0, 0}, gradientOf(ScalarFn.POW, 0, 2));
    assertArrayEquals(new double[] {0, 0}, gradientOf(ScalarFn.POW, 0, 0));
    assertArrayEquals(new double[] {-6, Double.NaN}, gradientOf(ScalarFn.POW, -3, 2));
    assertArrayEquals(new double[] {0, Math.log(3)}, gradientOf(ScalarFn.POW, 3, 0));
  }

  @Test
  void farOutSigmoidsStayFinite() {
    for (double x : new double[] {-800, 800}) {
      assertEquals(x > 0 ? 1 : 0, gradientOf(ScalarFn.SILU, x)[0], 1e-300);
      assertEquals(0, gradientOf(ScalarFn.SIGMOID, x)[0], 1e-300);
      assertEquals(0, gradientOf(ScalarFn.TANH, x)[0]);
    }
  }

  @Test
  void largestElementsShareTheGradientEqually() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F64, 2, 3);
    Node loss = total(g, g.max(x, false, 1));
    g.output("dx", requireNonNull(Backprop.gradients(g, loss, List.of(x)).get(x)));
    Tensor value = Tensor.of(new double[] {4, 1, 4, -1, -1, -1}, 2, 3);
    double third = 1.0 / 3;
    assertArrayEquals(
        new double[] {0.5, 0, 0.5, third, third, third},
        Interpreter.run(g.build(), Map.of("x", value), Map.of()).output("dx").toDoubles());
  }

  @ParameterizedTest
  @EnumSource
  void emptyReductionsHaveEmptyGradients(ReduceFn fn) {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F64, 2, 0);
    Node folded = fn == ReduceFn.SUM ? g.sum(x, false, 1) : g.max(x, false, 1);
    Node dx = requireNonNull(Backprop.gradients(g, total(g, folded), List.of(x)).get(x));
    assertEquals(x.type(), dx.type());
  }

  /// A weight of `[out, in]` for a batch: its gradient is one product of that orientation, with
  /// nothing transposed and no gradient for each batch.
  @Test
  void weightsGetTheirGradientInOneProduct() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 4, 7, 5);
    Node w = g.parameter("w", Initializer.zeros(), 3, 5);
    Node loss = total(g, g.map(ScalarFn.SIN, g.matMul(x, w, false, true)));
    Map<Node, Node> gradients = Backprop.gradients(g, loss, List.of(w, x));
    assertEquals(new Contract.MatMul(true, false), requireNonNull(gradients.get(w)).op());
    assertEquals(new Contract.MatMul(false, false), requireNonNull(gradients.get(x)).op());
    g.output("dw", requireNonNull(gradients.get(w)));
    g.output("dx", requireNonNull(gradients.get(x)));
    Graph graph = g.build();
    assertFalse(opsOf(graph).stream().anyMatch(Move.Transpose.class::isInstance), graph::toString);
    assertEquals(3, opsOf(graph).stream().filter(Contract.class::isInstance).count());
  }

  @Test
  void equalGraphsGetEqualGradients() {
    assertEquals(tower().toString(), tower().toString());
  }

  private static Graph tower() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 3, 3);
    Node y = x;
    for (int i = 0; i < 5; i++) {
      y = g.add(g.matMul(y, x), g.relu(g.add(y, x)));
    }
    Node loss = total(g, y);
    g.output("dx", requireNonNull(Backprop.gradients(g, loss, List.of(x)).get(x)));
    return g.build(loss);
  }

  /// The gradient of a gradient, for what is made of primitives.
  @Test
  void secondDerivativesOfPrimitives() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F64, 2, 3);
    Node w = g.input("w", DType.F64, 4, 3);
    Node y = g.map(ScalarFn.SILU, g.matMul(g.map(ScalarFn.TANH, x), w, false, true));
    Node loss = total(g, g.mul(y, y));
    Node dx = requireNonNull(Backprop.gradients(g, loss, List.of(x)).get(x));
    Graph graph = g.build(total(g, g.mul(dx, g.map(ScalarFn.SIN, dx))));
    GradientCheck.check(graph, Map.of("x", random(1, 2, 3), "w", random(2, 4, 3)));
  }

  @Test
  void theSameNodeTwiceIsOneEntry() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 2);
    var gradients = Backprop.gradients(g, total(g, x), List.of(x, x));
    assertEquals(1, gradients.size());
    assertSame(x, gradients.firstEntry().getKey());
  }
}
