package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Equality saturation: applies all rules again and again until nothing is new or a limit is met.
///
/// An iteration searches with all rules while the e-graph stands still, then applies what was
/// found, then unites and rebuilds. From the second on, a search visits only what changed and the
/// ancestors that a pattern can reach it from. A rule with too many matches sits out some
/// iterations (the back-off scheduler of egg).
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
public final class Runner<H, D> {
  private final List<Rule<H, D>> rules;
  private final Limits limits;

  /// A runner.
  ///
  /// @param rules the rules, applied in this order
  /// @param limits when to stop
  public Runner(List<? extends Rule<H, D>> rules, Limits limits) {
    this.rules = List.copyOf(rules);
    this.limits = limits;
  }

  /// Runs the rules on an e-graph, and leaves it rebuilt.
  ///
  /// @param graph the e-graph, changed in place
  /// @return what happened
  /// @throws EGraphException if a rule, guard or analysis fails; the message names the rule
  public Report run(EGraph<H, D> graph) {
    return new Run<>(graph, rules, limits).run();
  }

  private static final class Run<H, D> {
    private final EGraph<H, D> graph;
    private final Limits limits;
    private final List<RuleState<H, D>> states = new ArrayList<>();
    private final long startNanos = System.nanoTime();
    private long searchNanos;
    private long applyNanos;
    private long rebuildNanos;
    private int iteration;

    Run(EGraph<H, D> graph, List<Rule<H, D>> rules, Limits limits) {
      this.graph = graph;
      this.limits = limits;
      rules.forEach(rule -> states.add(new RuleState<>(rule)));
    }

    Report run() {
      graph.rebuild();
      Report.@Nullable Stop stop = null;
      while (stop == null) {
        stop = iteration == limits.iterations() ? Report.Stop.ITERATIONS : iterate();
      }
      graph.setOrigin("input");
      return new Report(
          states.stream().map(RuleState::fired).toList(),
          iteration,
          graph.liveCount(),
          graph.classCount(),
          stop,
          searchNanos,
          applyNanos,
          rebuildNanos,
          System.nanoTime() - startNanos);
    }

    /// One round. Returns why to stop, or null to go on.
    private Report.@Nullable Stop iterate() {
      int nodesBefore = graph.nodeCount();
      int classesBefore = graph.classCount();
      long searchStart = System.nanoTime();
      List<List<List<Match<H, D>>>> found = search();
      long applyStart = System.nanoTime();
      Edit<H, D> edit = new Edit<>(graph);
      boolean complete = apply(found, edit);
      long rebuildStart = System.nanoTime();
      unite(edit);
      long end = System.nanoTime();
      searchNanos += applyStart - searchStart;
      applyNanos += rebuildStart - applyStart;
      rebuildNanos += end - rebuildStart;
      iteration++;
      if (!complete) {
        return isLate() ? Report.Stop.CLOCK : Report.Stop.NODES;
      }
      if (graph.nodeCount() > nodesBefore || graph.classCount() != classesBefore) {
        return null;
      }
      return endBans() ? null : Report.Stop.SATURATED;
    }

    private List<List<List<Match<H, D>>>> search() {
      Map<Integer, Frontier> frontiers = new HashMap<>();
      graph.classes().advance();
      int depth = states.stream().mapToInt(RuleState::depth).max().orElse(0);
      List<List<List<Match<H, D>>>> found = new ArrayList<>();
      for (RuleState<H, D> state : states) {
        if (state.isBanned(iteration)) {
          found.add(List.of());
          continue;
        }
        Frontier frontier =
            frontiers.computeIfAbsent(
                state.seenEpoch(), seen -> Frontier.since(graph, seen, depth));
        found.add(state.search(graph, frontier, limits, iteration));
      }
      return found;
    }

    /// Runs the appliers. Returns false if a limit cut them short.
    private boolean apply(List<List<List<Match<H, D>>>> found, Edit<H, D> edit) {
      for (int i = 0; i < states.size(); i++) {
        edit.begin(states.get(i).name(), i);
        for (List<Match<H, D>> batch : found.get(i)) {
          if (graph.liveCount() > limits.nodes() || isLate()) {
            return false;
          }
          states.get(i).apply(batch, edit);
        }
      }
      return true;
    }

    private void unite(Edit<H, D> edit) {
      for (int i = 0; i < edit.equations(); i++) {
        RuleState<H, D> state = states.get(edit.ruleIndex(i));
        if (graph.union(edit.left(i), edit.right(i), state.name())) {
          state.countUnion();
        }
      }
      graph.rebuild();
    }

    private boolean isLate() {
      return System.nanoTime() - startNanos > limits.safetyNanos();
    }

    /// Lets the rules whose ban ends first search again, when nothing else is left to do. Returns
    /// false if no rule is banned.
    private boolean endBans() {
      int first =
          states.stream()
              .filter(state -> state.isBanned(iteration))
              .mapToInt(RuleState::bannedUntil)
              .min()
              .orElse(-1);
      states.stream()
          .filter(state -> state.bannedUntil() == first)
          .forEach(state -> state.unban(iteration));
      return first >= 0;
    }
  }
}
