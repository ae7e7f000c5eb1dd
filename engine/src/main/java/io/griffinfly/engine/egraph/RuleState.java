package io.griffinfly.engine.egraph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// One rule during one run: its compiled pattern, what it has seen, its bans and its counts.
final class RuleState<H, D> {
  private final Rule<H, D> rule;
  private final Slots slots = new Slots();
  private final List<Program> programs;
  private final int depth;
  private int seenEpoch;
  private int bans;
  private int bannedUntil;
  private long matches;
  private long unions;
  private long searchNanos;

  RuleState(Rule<H, D> rule) {
    this.rule = rule;
    try {
      programs = Program.compile(rule.pattern(), slots);
      if (rule instanceof GroupRewrite<H, D> group) {
        slots.of(group.key());
      }
    } catch (EGraphException e) {
      throw new EGraphException("rule " + rule.name(), e);
    }
    depth = programs.stream().mapToInt(Program::depth).max().orElse(0);
  }

  /// Searches where something changed since the last search. Returns the matches in batches, to be
  /// applied one after another: a match each for a rewrite, the members of a group for a group
  /// rule. Nothing, and a ban, if there are too many.
  List<List<Match<H, D>>> search(
      EGraph<H, D> graph, Frontier frontier, Limits limits, int iteration) {
    long start = System.nanoTime();
    long most = (long) limits.matchesPerRule() << bans;
    List<Match<H, D>> found = collect(graph, frontier, most);
    if (rule instanceof GroupRewrite<H, D> && !found.isEmpty() && found.size() <= most) {
      List<Match<H, D>> all = collect(graph, Frontier.everywhere(graph), most);
      found = all.size() > most ? all : inGroupsOf(found, all);
    }
    searchNanos += System.nanoTime() - start;
    if (found.size() > most) {
      bannedUntil = iteration + 1 + (limits.banIterations() << bans);
      bans++;
      return List.of();
    }
    seenEpoch = graph.classes().epoch();
    return switch (rule) {
      case Rewrite<H, D> _ -> found.stream().map(List::of).toList();
      case GroupRewrite<H, D> group -> groups(graph, group.key(), found);
    };
  }

  private List<Match<H, D>> collect(EGraph<H, D> graph, Frontier frontier, long most) {
    List<Match<H, D>> found = new ArrayList<>();
    for (Program program : programs) {
      Matcher.Sink sink =
          values -> {
            Match<H, D> match = new Match<>(graph, slots, values);
            if (accepts(match)) {
              found.add(match);
            }
            return found.size() <= most;
          };
      new Matcher<>(graph, program, sink).search(frontier);
    }
    return found;
  }

  private boolean accepts(Match<H, D> match) {
    try {
      return rule.guard().accepts(match);
    } catch (RuntimeException e) {
      throw failure("guard", match, e);
    }
  }

  /// Those of all matches whose key class some new match has, too.
  private List<Match<H, D>> inGroupsOf(List<Match<H, D>> fresh, List<Match<H, D>> all) {
    String key = ((GroupRewrite<H, D>) rule).key();
    Set<Integer> keys = new HashSet<>();
    fresh.forEach(match -> keys.add(match.get(key)));
    return all.stream().filter(match -> keys.contains(match.get(key))).toList();
  }

  /// Matches by key class, ascending by the oldest node of the key, each group by its root nodes.
  private static <H, D> List<List<Match<H, D>>> groups(
      EGraph<H, D> graph, String key, List<Match<H, D>> matches) {
    SortedMap<Integer, List<Match<H, D>>> byKey = new TreeMap<>();
    for (Match<H, D> match : matches) {
      byKey.computeIfAbsent(graph.lowest(match.get(key)), _ -> new ArrayList<>()).add(match);
    }
    List<List<Match<H, D>>> groups = new ArrayList<>();
    for (List<Match<H, D>> members : byKey.values()) {
      members.sort(Comparator.comparingInt(Match::root));
      if (members.stream().mapToInt(match -> graph.find(match.root())).distinct().count() > 1) {
        groups.add(members);
      }
    }
    return groups;
  }

  /// Applies one batch of [#search].
  void apply(List<Match<H, D>> batch, Edit<H, D> edit) {
    matches += batch.size();
    try {
      switch (rule) {
        case Rewrite<H, D> rewrite -> {
          int right = rewrite.applier().apply(batch.getFirst(), edit);
          if (right != EGraph.NONE) {
            edit.equate(batch.getFirst().root(), right);
          }
        }
        case GroupRewrite<H, D> group -> group.applier().apply(batch, edit);
      }
    } catch (RuntimeException e) {
      throw failure("applier", batch.getFirst(), e);
    }
  }

  private EGraphException failure(String part, Match<H, D> match, RuntimeException cause) {
    String term = EGraphText.term(match.graph(), match.root(), 3);
    return new EGraphException(
        "the " + part + " of rule " + rule.name() + " failed at " + term, cause);
  }

  void countUnion() {
    unions++;
  }

  void unban(int iteration) {
    bannedUntil = Math.min(bannedUntil, iteration);
  }

  boolean isBanned(int iteration) {
    return iteration < bannedUntil;
  }

  int bannedUntil() {
    return bannedUntil;
  }

  int seenEpoch() {
    return seenEpoch;
  }

  int depth() {
    return depth;
  }

  String name() {
    return rule.name();
  }

  Report.Fired fired() {
    return new Report.Fired(rule.name(), matches, unions, bans, searchNanos);
  }
}
