package io.griffinfly.engine.run;

import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.plan.ExecutionPlan;
import java.util.List;

/// What the compiler made.
///
/// @param graph the graph that the plan carries out, after every pass
/// @param plan the plan
record Compiled(Graph graph, ExecutionPlan plan) {
  /// The states that a run changes.
  List<String> assignedStates() {
    return graph.assigns().stream()
        .map(assign -> ((Leaf.State) assign.state().op()).name())
        .toList();
  }
}
