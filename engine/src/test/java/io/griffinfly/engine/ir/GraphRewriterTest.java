package io.griffinfly.engine.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class GraphRewriterTest {
  private static Graph graph() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 2, 5);
    Node w = g.parameter("w", Initializer.zeros(), 3, 5);
    Node y = g.output("y", g.matMul(x, w, false, true));
    g.assign(w, g.scale(w, 0.5));
    return g.build(g.sum(g.relu(y), false, 0, 1));
  }

  @Test
  void copiesGraphs() {
    Graph graph = graph();
    Graph copy = Verifier.verify(GraphRewriter.rewrite(graph, GraphRewriter::copy), "copy");
    assertEquals(graph.toString(), copy.toString());
  }

  @Test
  void replacesOperations() {
    Graph changed =
        GraphRewriter.rewrite(
            graph(),
            (g, node, inputs) ->
                node.op().equals(new Elementwise.Map(ScalarFn.RELU))
                    ? g.map(ScalarFn.TANH, inputs.getFirst())
                    : GraphRewriter.copy(g, node, inputs));
    assertEquals(graph().toString().replace("RELU", "TANH"), changed.toString());
  }

  @Test
  void leavesNodesOut() {
    Graph changed =
        GraphRewriter.rewrite(
            graph(),
            (g, node, inputs) ->
                node.op() instanceof Elementwise.Map
                    ? inputs.getFirst()
                    : GraphRewriter.copy(g, node, inputs));
    Verifier.verify(changed, "rewrite");
    assertTrue(changed.nodes().stream().noneMatch(node -> node.op() instanceof Elementwise));
    assertEquals(1, changed.assigns().size());
    assertEquals(changed.assigns().getFirst().state(), changed.assigns().getFirst().value());
  }

  @Test
  void refusesWhatDoesNotFit() {
    GraphRewriter.Step transposed =
        (g, node, inputs) ->
            node.op() instanceof Contract.MatMul
                ? g.add(new Contract.MatMul(false, false), inputs)
                : GraphRewriter.copy(g, node, inputs);
    assertThrows(GraphException.class, () -> GraphRewriter.rewrite(graph(), transposed));
    assertThrows(
        GraphException.class,
        () -> GraphRewriter.rewrite(graph(), (g, _, _) -> g.add(new Move.Concat(0), List.of())));
  }
}
