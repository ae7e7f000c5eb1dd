package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Checks everything an e-graph promises after a rebuild, the slow way.
final class EGraphAudit {
  private EGraphAudit() {}

  /// What is wrong with an e-graph; empty if nothing.
  static <H, D> List<String> complaints(EGraph<H, D> graph, Analysis<H, D> analysis) {
    List<String> complaints = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    int live = 0;
    int classes = 0;
    for (int node = 0; node < graph.nodeCount(); node++) {
      classes += graph.isClass(node) ? 1 : 0;
      if (graph.isDead(node)) {
        int heir = graph.live(node);
        if (heir < 0 || heir >= node || graph.find(heir) != graph.find(node)) {
          complaints.add("dead node " + node + " has the heir " + heir);
        }
        continue;
      }
      live++;
      Integer twin = seen.put(graph.op(node) + Arrays.toString(graph.kids(node)), node);
      if (twin != null) {
        complaints.add("nodes " + twin + " and " + node + " are equal and both live");
      }
      if (graph.add(graph.op(node), graph.kids(node)) != node) {
        complaints.add("node " + node + " is not found by its operator and children");
      }
      for (int kid : graph.kids(node)) {
        if (Arrays.binarySearch(graph.parents(kid), node) < 0) {
          complaints.add("node " + node + " is missing among the parents of " + kid);
        }
      }
    }
    if (live != graph.liveCount() || classes != graph.classCount()) {
      complaints.add("counted " + live + " live nodes and " + classes + " classes");
    }
    for (int id = 0; id < graph.nodeCount(); id++) {
      if (graph.isClass(id)) {
        complaints.addAll(ofClass(graph, analysis, id));
      }
    }
    return complaints;
  }

  private static <H, D> List<String> ofClass(EGraph<H, D> graph, Analysis<H, D> analysis, int id) {
    List<String> complaints = new ArrayList<>();
    int[] members = new int[0];
    for (int node = 0; node < graph.nodeCount(); node++) {
      if (graph.find(node) == id && !graph.isDead(node)) {
        members = Arrays.copyOf(members, members.length + 1);
        members[members.length - 1] = node;
      }
    }
    if (!Arrays.equals(members, graph.nodes(id))) {
      complaints.add("class " + id + " lists " + Arrays.toString(graph.nodes(id)));
    }
    int oldest = graph.lowest(id);
    if (members.length == 0 || members[0] != oldest) {
      complaints.add("class " + id + " has the oldest node " + oldest);
    }
    for (int kid : graph.kids(oldest)) {
      if (graph.lowest(kid) >= oldest) {
        complaints.add("the oldest term of class " + id + " needs a younger one");
      }
    }
    for (int node : members) {
      D made = analysis.make(graph, graph.op(node), graph.kids(node));
      if (!analysis.merge(graph.data(id), made).equals(graph.data(id))) {
        complaints.add("class " + id + " does not know what node " + node + " knows");
      }
    }
    return complaints;
  }
}
