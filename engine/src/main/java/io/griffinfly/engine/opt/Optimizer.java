package io.griffinfly.engine.opt;

import io.griffinfly.engine.egraph.CostModel;
import io.griffinfly.engine.egraph.EGraph;
import io.griffinfly.engine.egraph.Extraction;
import io.griffinfly.engine.egraph.Extractor;
import io.griffinfly.engine.egraph.Limits;
import io.griffinfly.engine.egraph.Report;
import io.griffinfly.engine.egraph.Runner;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Verifier;
import java.util.Set;
import java.util.function.Consumer;

/// Runs a phase: the graph goes into an e-graph, rules add what is equal, and the cheapest graph
/// comes out. What comes out is what runs.
///
/// @param costs what a value costs
/// @param without names of rules that are switched off
/// @param reports is told what each phase did
public record Optimizer(
    CostModel<Op, Fact> costs, Set<String> without, Consumer<OptimizerReport> reports) {
  /// Most rounds of improving moves; 4 reach the fixpoint on transformer graphs.
  private static final int ROUNDS = 4;

  /// Copies the set.
  public Optimizer {
    without = Set.copyOf(without);
  }

  /// Runs a phase.
  ///
  /// @param graph the graph
  /// @param phase the rules
  /// @return an equal graph that costs no more
  public Graph run(Graph graph, RuleSet phase) {
    long start = System.nanoTime();
    Encoding encoding = new Encoding(graph);
    EGraph<Op, Fact> egraph = encoding.egraph();
    Report rules =
        new Runner<>(phase.rules(without), Limits.forSize(graph.nodes().size())).run(egraph);
    Extraction extraction = new Extractor<>(egraph, costs, ROUNDS).extract(encoding.roots());
    Graph result = Verifier.verify(encoding.decode(extraction), phase + " rules");
    reports.accept(
        new OptimizerReport(
            phase,
            rules,
            extraction.costs(),
            graph.nodes().size(),
            result.nodes().size(),
            System.nanoTime() - start));
    return result;
  }
}
