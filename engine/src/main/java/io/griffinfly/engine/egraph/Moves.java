package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.List;

/// The moves of an extraction's local search. A move is kept if it saves more than rounding error,
/// otherwise it is taken back.
final class Moves {
  /// Saving below which a move is noise, relative to the cost of the term.
  private static final double NOISE = 1e-12;

  private final EGraph<?, ?> graph;
  private final Scope scope;
  private final Selection selection;
  private int singles;
  private int bundles;
  private int joints;

  Moves(EGraph<?, ?> graph, Scope scope, Selection selection) {
    this.graph = graph;
    this.scope = scope;
    this.selection = selection;
  }

  /// Tries every move once. Returns whether any was kept.
  boolean round() {
    int before = singles + bundles + joints;
    for (int id : scope.classes()) {
      for (int node : scope.nodes(id)) {
        if (selection.isUsed(id) && isAlternative(id, node) && trySingle(id, node)) {
          singles++;
        }
      }
    }
    for (Bundle bundle : graph.bundles()) {
      if (tryTogether(live(bundle))) {
        bundles++;
      }
    }
    for (int id : scope.classes()) {
      List<Choice> together = selection.isUsed(id) ? leaving(id) : joining(id);
      if (together.size() > 1 && tryTogether(together)) {
        joints++;
      }
    }
    return singles + bundles + joints > before;
  }

  private boolean isAlternative(int id, int node) {
    return node != selection.choice(id) && selection.isPossible(node);
  }

  private boolean isGain(double change) {
    return change < -NOISE * (1 + Math.abs(selection.cost()));
  }

  private boolean trySingle(int id, int node) {
    int old = selection.choice(id);
    if (isGain(selection.swap(id, node)) && selection.settle(id)) {
      return true;
    }
    selection.swap(id, old);
    return false;
  }

  /// Swaps all choices that differ and close no cycle, and keeps them if they pay together.
  private boolean tryTogether(List<Choice> choices) {
    List<Choice> undo = new ArrayList<>();
    double change = 0;
    boolean isUseful = false;
    for (Choice choice : choices) {
      int old = selection.choice(choice.id());
      if (isAlternative(choice.id(), choice.node())) {
        isUseful |= selection.isUsed(choice.id());
        change += selection.swap(choice.id(), choice.node());
        if (selection.settle(choice.id())) {
          undo.addFirst(new Choice(choice.id(), old));
        } else {
          change += selection.swap(choice.id(), old);
        }
      }
    }
    if (isUseful && isGain(change)) {
      return true;
    }
    for (Choice choice : undo) {
      selection.swap(choice.id(), choice.node());
      selection.settle(choice.id());
    }
    return false;
  }

  private List<Choice> live(Bundle bundle) {
    List<Choice> choices = new ArrayList<>();
    for (Choice choice : bundle.choices()) {
      int node = graph.live(choice.node());
      int id = graph.find(node);
      if (id != graph.find(choice.id())) {
        throw new EGraphException(
            "bundle of rule "
                + bundle.rule()
                + ": node "
                + node
                + " is not in class "
                + choice.id());
      }
      if (scope.contains(id) && selection.choice(id) != EGraph.NONE) {
        choices.add(new Choice(id, node));
      }
    }
    return choices;
  }

  /// For an unused class: the used classes that could use it, each by its cheapest such node.
  private List<Choice> joining(int id) {
    List<Choice> users = new ArrayList<>();
    ParentLists parents = graph.classes().parents();
    for (int edge = parents.first(id); edge >= 0; edge = parents.next(id, edge)) {
      int node = parents.node(edge);
      int user = graph.find(node);
      if (scope.isAllowed(node) && selection.isUsed(user) && isAlternative(user, node)) {
        addCheapest(users, user, node);
      }
    }
    return users;
  }

  private void addCheapest(List<Choice> users, int user, int node) {
    for (int i = 0; i < users.size(); i++) {
      if (users.get(i).id() == user) {
        if (scope.cost(node) < scope.cost(users.get(i).node())) {
          users.set(i, new Choice(user, node));
        }
        return;
      }
    }
    users.add(new Choice(user, node));
  }

  /// For a used class: its users, each with its best node without it. Empty if one has none.
  private List<Choice> leaving(int id) {
    if (selection.uses(id) < 2) {
      return List.of();
    }
    List<Choice> users = new ArrayList<>();
    ParentLists parents = graph.classes().parents();
    for (int edge = parents.first(id); edge >= 0; edge = parents.next(id, edge)) {
      int user = graph.find(parents.node(edge));
      if (selection.isUsed(user) && selection.choice(user) == parents.node(edge)) {
        int node = bestWithout(user, id);
        if (node == EGraph.NONE) {
          return List.of();
        }
        users.add(new Choice(user, node));
      }
    }
    return users;
  }

  private int bestWithout(int user, int kid) {
    int best = EGraph.NONE;
    double least = Double.POSITIVE_INFINITY;
    int old = selection.choice(user);
    for (int node : scope.nodes(user)) {
      if (isAlternative(user, node) && !hasKid(node, kid)) {
        double change = selection.swap(user, node);
        selection.swap(user, old);
        if (change < least) {
          least = change;
          best = node;
        }
      }
    }
    return best;
  }

  private boolean hasKid(int node, int kid) {
    for (int i = 0; i < graph.kidCount(node); i++) {
      if (graph.kid(node, i) == kid) {
        return true;
      }
    }
    return false;
  }

  int singles() {
    return singles;
  }

  int bundles() {
    return bundles;
  }

  int joints() {
    return joints;
  }
}
