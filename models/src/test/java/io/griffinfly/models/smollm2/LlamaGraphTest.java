package io.griffinfly.models.smollm2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.Verifier;
import io.griffinfly.models.ModelException;
import io.griffinfly.models.Objective;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LlamaGraphTest {
  private static final LlamaModel SMOLLM2 = LlamaModel.smolLm2();
  private static final LlamaConfig UNTIED =
      new LlamaConfig(24, 2, 4, 4, 10, 17, 31, 64, 1e-6, 10000, false, 0.02);

  private static Graph graph(int batch, int length, Objective objective) {
    return SMOLLM2.graph(Map.of("input_ids", TensorType.of(DType.I64, batch, length)), objective);
  }

  private static Map<String, TensorType> states(Graph graph) {
    return graph.states().stream()
        .collect(Collectors.toMap(n -> ((Leaf.State) n.op()).name(), Node::type));
  }

  private static long values(Graph graph) {
    return states(graph).values().stream().mapToLong(type -> type.shape().size()).sum();
  }

  @Test
  void smolLm2HasItsParameters() {
    Graph graph = graph(1, 128, Objective.NONE);
    assertEquals(134_515_008, values(graph));
    assertEquals(134_515_008, SMOLLM2.config().parameterCount());
    assertEquals(272, graph.states().size());
    assertEquals(values(LlamaGraph.of(UNTIED, 1, 1, Objective.NONE)), UNTIED.parameterCount());
  }

  @ParameterizedTest
  @EnumSource(Objective.class)
  void onlyPrimitivesAreUsed(Objective objective) {
    for (Node node : graph(2, 5, objective).nodes()) {
      boolean composite =
          switch (node.op()) {
            case Norm _, Attention _ -> true;
            case Elementwise.Map(ScalarFn fn) -> fn == ScalarFn.SILU || fn == ScalarFn.SWIGLU;
            case io.griffinfly.engine.ir.Op _ -> false;
          };
      assertTrue(!composite, () -> node.op() + " is for the optimizer to find");
    }
  }

  @ParameterizedTest
  @EnumSource(Objective.class)
  void statesAreTheSameForEveryShapeAndObjective(Objective objective) {
    Map<String, TensorType> expected = states(graph(1, 128, Objective.NONE));
    Graph graph = graph(3, 7, objective);
    Verifier.verify(graph, "model");
    assertEquals(expected, states(graph));
    Node logits = graph.outputs().get("logits");
    assertNotNull(logits);
    assertEquals(TensorType.of(DType.F32, 3, 7, 49152), logits.type());
    if (objective == Objective.NONE) {
      assertNull(graph.loss());
    } else {
      assertNotNull(graph.loss());
    }
  }

  @Test
  void inputsMustFit() {
    TensorType[] wrong = {
      TensorType.of(DType.I32, 1, 8),
      TensorType.of(DType.I64, 8),
      TensorType.of(DType.I64, 1, 0),
      TensorType.of(DType.I64, 0, 1),
      TensorType.of(DType.I64, 1, 8193)
    };
    for (TensorType type : wrong) {
      Map<String, TensorType> inputs = Map.of("input_ids", type);
      assertThrows(ModelException.class, () -> SMOLLM2.graph(inputs, Objective.NONE));
    }
    assertThrows(ModelException.class, () -> SMOLLM2.graph(Map.of(), Objective.NONE));
  }
}
