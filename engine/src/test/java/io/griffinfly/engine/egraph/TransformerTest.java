package io.griffinfly.engine.egraph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.egraph.TransformerGraph.Fact;
import io.griffinfly.engine.egraph.TransformerGraph.Kind;
import io.griffinfly.engine.egraph.TransformerGraph.Op;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A whole training graph through rules and extraction, as the optimizer runs it.
class TransformerTest {
  private static final int LAYERS = 4;

  private final TransformerGraph source = TransformerGraph.of(LAYERS);
  private final EGraph<Op, Fact> graph = source.graph();
  private final Report report =
      new Runner<>(TransformerRules.all(), Limits.forSize(graph.liveCount())).run(graph);
  private final Extraction extraction =
      new Extractor<>(graph, TransformerRules::microseconds, 4).extract(source.roots());

  private Map<Kind, Integer> chosenKinds() {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    for (int node : extraction.order()) {
      counts.merge(graph.op(node).kind(), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void saturatesSoundly() {
    assertEquals(Report.Stop.SATURATED, report.stop());
    assertEquals(List.of(), EGraphAudit.complaints(graph, new TransformerGraph.Facts()));
  }

  @Test
  void choosesTheCompositesAndTheMerges() {
    Map<Kind, Integer> counts = chosenKinds();
    assertEquals(2 * LAYERS, counts.getOrDefault(Kind.ROTARY, 0));
    assertTrue(counts.getOrDefault(Kind.JOINED_MATMUL, 0) >= 2 * LAYERS, counts::toString);
    assertEquals(
        5 * LAYERS, counts.getOrDefault(Kind.PART, 0), "three products of one operand, then two");
    assertEquals(2 * LAYERS, graph.bundles().size());
  }

  @Test
  void costsAgreeAndFall() {
    Extraction.Costs costs = extraction.costs();
    assertTrue(costs.result() < 0.8 * costs.input(), costs::toString);
    assertEquals(costs.result(), costs.incremental(), 1e-9 * costs.result());
  }

  @Test
  void everyChosenNodeHasAnOriginAndAProof() {
    for (int node : extraction.order()) {
      int oldest = graph.lowest(node);
      List<Step> proof = graph.explain(oldest, node);
      assertEquals(oldest == node, proof.isEmpty());
      assertFalse(graph.origin(node).isEmpty());
    }
  }
}
