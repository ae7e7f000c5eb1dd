package io.griffinfly.engine.opt;

import io.griffinfly.engine.egraph.EGraph;
import io.griffinfly.engine.egraph.Extraction;
import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A graph inside an e-graph, and back.
final class Encoding {
  private final Graph graph;
  private final EGraph<Op, Fact> egraph = new EGraph<>(Kinds::of, new FactAnalysis());
  private final Map<Node, Integer> ids = new HashMap<>();

  Encoding(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      int[] kids = node.inputs().stream().mapToInt(this::id).toArray();
      ids.put(node, egraph.add(node.op(), kids));
    }
  }

  EGraph<Op, Fact> egraph() {
    return egraph;
  }

  private int id(Node node) {
    return java.util.Objects.requireNonNull(ids.get(node));
  }

  /// Everything that must be computed: the roots of the graph and the states that change.
  int[] roots() {
    List<Node> roots = new ArrayList<>(graph.roots());
    graph.assigns().stream().map(Assign::state).forEach(roots::add);
    return roots.stream().mapToInt(this::id).toArray();
  }

  /// The extracted graph, with the inputs, outputs and effects of the first.
  Graph decode(Extraction extraction) {
    GraphBuilder builder = new GraphBuilder();
    Map<Integer, Node> made = new HashMap<>();
    for (int node : extraction.order()) {
      List<Node> inputs = new ArrayList<>();
      for (int kid : egraph.kids(node)) {
        inputs.add(java.util.Objects.requireNonNull(made.get(kid)));
      }
      made.put(egraph.find(node), builder.add(egraph.op(node), inputs));
    }
    for (Node input : graph.inputs()) {
      if (!made.containsKey(egraph.find(id(input))) && input.op() instanceof Leaf.Input) {
        made.put(egraph.find(id(input)), builder.add(input.op(), List.of()));
      }
    }
    graph.outputs().forEach((name, node) -> builder.output(name, get(made, node)));
    graph.assigns().forEach(a -> builder.assign(get(made, a.state()), get(made, a.value())));
    return graph.loss() == null ? builder.build() : builder.build(get(made, graph.loss()));
  }

  private Node get(Map<Integer, Node> made, Node node) {
    return java.util.Objects.requireNonNull(made.get(egraph.find(id(node))));
  }
}
