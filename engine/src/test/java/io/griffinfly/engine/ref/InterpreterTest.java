package io.griffinfly.engine.ref;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InterpreterTest {
  private static final Tensor X = Tensor.of(new double[] {1, -2, 3, 0.1}, 4);
  private static final Tensor W = Tensor.of(new double[] {2, 2, -1, 0.1}, 4);

  private static Graph graph() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 4);
    Node w = g.parameter("w", Initializer.zeros(), 4);
    g.parameter("other", Initializer.zeros(), 1);
    Node y = g.output("y", g.mul(x, w));
    g.output("w before", w);
    g.assign(w, g.add(w, y));
    return g.build(g.sum(y, false, 0));
  }

  @Test
  void runsAGraphAndChangesItsStatesAtTheEnd() {
    Interpretation result = Interpreter.run(graph(), Map.of("x", X), Map.of("w", W));
    double[] y = {2, -4, -3, 0.1 * 0.1};
    assertArrayEquals(y, result.output("y").toDoubles());
    assertArrayEquals(W.toDoubles(), result.output("w before").toDoubles());
    assertArrayEquals(new double[] {4, -2, -4, 0.1 + 0.1 * 0.1}, result.state("w").toDoubles());
    assertEquals(-5 + 0.1 * 0.1, result.loss().orElseThrow(), 1e-15);
    assertEquals(DType.F64, result.output("y").dtype());
  }

  @Test
  void roundsEveryNodeWhenAsked() {
    Interpretation result =
        Interpreter.run(graph(), Map.of("x", X), Map.of("w", W), Precision.TYPED);
    assertEquals(DType.F32, result.output("y").dtype());
    assertEquals(0.1f * 0.1f, (float) result.output("y").getDouble(3));
    assertEquals((0.1f * 0.1f) + 0.1f, (float) result.state("w").getDouble(3));
  }

  @Test
  void namesWhatIsMissingOrDoesNotFit() {
    Graph graph = graph();
    assertMessage("input x", () -> Interpreter.run(graph, Map.of(), Map.of("w", W)));
    assertMessage("state w", () -> Interpreter.run(graph, Map.of("x", X), Map.of()));
    assertMessage(
        "no input z", () -> Interpreter.run(graph, Map.of("x", X, "z", X), Map.of("w", W)));
    assertMessage(
        "not f64[2,2]", () -> Interpreter.run(graph, Map.of("x", X.reshape(2, 2)), Map.of("w", W)));
    Tensor integers = Tensor.of(new long[4], 4);
    assertMessage(
        "not i64[4]", () -> Interpreter.run(graph, Map.of("x", integers), Map.of("w", W)));
  }

  private static void assertMessage(String part, org.junit.jupiter.api.function.Executable run) {
    String message = String.valueOf(assertThrows(GraphException.class, run).getMessage());
    assertTrue(message.contains(part), message);
  }

  @Test
  void aFailureNamesTheNode() {
    var g = new GraphBuilder();
    Node table = g.input("table", DType.F32, 4);
    Node rows = g.output("rows", g.take(table, g.input("ids", DType.I64, 1), 0));
    Graph graph = g.build();
    Tensor ids = Tensor.of(new long[] {4}, 1);
    assertMessage(
        rows + " = Take", () -> Interpreter.run(graph, Map.of("table", X, "ids", ids), Map.of()));
  }

  @Test
  void integersTooLargeForADoubleAreRefused() {
    var g = new GraphBuilder();
    g.output("y", g.input("x", DType.I64, 1));
    Graph graph = g.build();
    Tensor large = Tensor.of(new long[] {(1L << 53) + 1}, 1);
    assertThrows(GraphException.class, () -> Interpreter.run(graph, Map.of("x", large), Map.of()));
  }
}
