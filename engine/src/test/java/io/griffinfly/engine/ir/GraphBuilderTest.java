package io.griffinfly.engine.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
  @Test
  void infersTypesAndDropsWhatNothingNeeds() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 3, 5);
    Node w = g.parameter("w", Initializer.zeros(), 7, 5);
    Node y = g.output("y", g.relu(g.matMul(x, w, false, true)));
    g.scale(y, 2);
    Graph graph = g.build(g.mean(y, false, 0, 1));
    assertEquals(TensorType.of(DType.F32, 3, 7), y.type());
    assertEquals(Shape.SCALAR, java.util.Objects.requireNonNull(graph.loss()).shape());
    assertEquals(7, graph.nodes().size(), graph::toString);
    assertSame(graph, Verifier.verify(graph, "build"));
  }

  @Test
  void sharesParametersByNameAndRefusesAnotherType() {
    var g = new GraphBuilder();
    Node first = g.parameter("w", Initializer.zeros(), 2);
    assertSame(first, g.parameter("w", Initializer.zeros(), 2));
    assertThrows(GraphException.class, () -> g.parameter("w", Initializer.zeros(), 3));
  }

  @Test
  void namesWhatDoesNotFit() {
    var g = new GraphBuilder();
    Node a = g.input("a", DType.F32, 2, 3);
    Node b = g.input("b", DType.F32, 4, 5);
    var e = assertThrows(GraphException.class, () -> g.matMul(a, b));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("MatMul") && message.contains("f32[4,5]"), message);
    assertThrows(GraphException.class, () -> g.add(a, b));
    assertThrows(GraphException.class, () -> g.input("a", DType.F32));
    var other = new GraphBuilder();
    assertThrows(GraphException.class, () -> other.relu(a));
  }

  @Test
  void scatterIsShapedAsTheTransposeOfTake() {
    var g = new GraphBuilder();
    Node table = g.input("t", DType.F32, 4, 9, 5);
    Node ids = g.input("i", DType.I64, 2, 3);
    Node rows = g.take(table, ids, 1);
    assertEquals(Shape.of(4, 2, 3, 5), rows.shape());
    Node back = g.add(new Gather.ScatterAdd(1, 9), List.of(ids, rows));
    assertEquals(table.shape(), back.shape());
  }

  @Test
  void goesOnWithAFinishedGraph() {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 2);
    Node w = g.parameter("w", Initializer.ones(), 2);
    g.output("y", g.mul(x, w));
    var again = GraphBuilder.of(g.build());
    again.assign(w, again.add(w, x));
    Graph graph = Verifier.verify(again.build(), "again");
    assertEquals(1, graph.assigns().size());
    assertEquals(List.of("y"), List.copyOf(graph.outputs().sequencedKeySet()));
  }
}
