package io.griffinfly.suites.plan;

import io.griffinfly.suites.Json;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.cases.CaseBundle;
import io.griffinfly.suites.cases.Digests;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.stats.Shuffle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Every process of a run, in order.
///
/// @param schema `griffinfly-plan/1.0`
/// @param options what was asked for
/// @param cases digest of each case, as `id sha256`
/// @param contenders the rows
/// @param absent frameworks that cannot take part, and why
/// @param units what to do
public record Plan(
    String schema,
    RunOptions options,
    List<String> cases,
    List<Contender> contenders,
    List<Absent> absent,
    List<PlannedUnit> units) {
  private static final String SCHEMA = "griffinfly-plan/1.0";

  /// A framework that cannot take part in a case.
  ///
  /// @param caseId the case
  /// @param label the framework, perhaps with its variant
  /// @param reason one line with what to do
  /// @param asked whether it was asked for by name and could take part if it were made ready
  public record Absent(String caseId, String label, String reason, boolean asked) {}

  /// Lays out a run: case by case, in each case round by round, in each round every contender timed
  /// once in an order drawn from the seed and the round. After the first round every contender is
  /// verified, so that one whose values are wrong is dropped before the others.
  ///
  /// @param options what was asked for
  /// @param bundles the cases
  /// @param catalog all peers
  /// @return the plan
  public static Plan make(RunOptions options, List<CaseBundle> bundles, PeerCatalog catalog) {
    List<Contender> all = new ArrayList<>();
    List<Absent> absent = new ArrayList<>();
    List<PlannedUnit> units = new ArrayList<>();
    for (CaseBundle bundle : bundles) {
      String caseId = bundle.description().id();
      List<Contender> present = new ArrayList<>();
      for (Peer peer : catalog.peers()) {
        List<Contender> chosen = chosen(options, peer);
        if (chosen.isEmpty()) {
          continue;
        }
        Absent missing = missing(options, bundle, peer);
        if (missing == null) {
          present.addAll(able(options, caseId, peer, chosen, absent));
        } else {
          absent.add(missing);
        }
      }
      for (int round = 0; round < options.rounds(); round++) {
        addRound(options, caseId, round, Shuffle.of(present, options.seed() + round), units);
      }
      present.stream().filter(contender -> !all.contains(contender)).forEach(all::add);
    }
    List<String> cases =
        bundles.stream().map(bundle -> bundle.description().id() + " " + bundle.sha256()).toList();
    return new Plan(SCHEMA, options, cases, all, absent, units);
  }

  private static void addRound(
      RunOptions options,
      String caseId,
      int round,
      List<Contender> order,
      List<PlannedUnit> units) {
    boolean first = round == 0;
    boolean timed = !options.verifyOnly();
    if (timed) {
      for (Contender contender : order) {
        // The first process of all has no cache to find; later rounds empty theirs for a process
        // that only compiles, so that what is timed finds one.
        if (!first && round < options.profile().coldCompiles()) {
          units.add(PlannedUnit.of(caseId, round, Mode.COMPILE, contender, true));
        }
        units.add(PlannedUnit.of(caseId, round, Mode.BENCH, contender, first));
      }
    }
    if (first) {
      order.forEach(
          contender -> units.add(PlannedUnit.of(caseId, round, Mode.VERIFY, contender, !timed)));
    }
  }

  /// Leaves out the variants that need another kind of device. A framework of which some take part
  /// needs no line about the others, unless they were asked for by name.
  private static List<Contender> able(
      RunOptions options, String caseId, Peer peer, List<Contender> chosen, List<Absent> absent) {
    Map<String, List<String>> elsewhere = new TreeMap<>();
    List<Contender> here = new ArrayList<>();
    for (Contender contender : chosen) {
      peer.needsDevice(contender.variant(), options.device())
          .ifPresentOrElse(
              device ->
                  elsewhere
                      .computeIfAbsent(device, _ -> new ArrayList<>())
                      .add(contender.variant()),
              () -> here.add(contender));
    }
    elsewhere.forEach((device, variants) -> {
      if (!here.isEmpty()) {
        variants.removeIf(
            variant -> !options.frameworks().contains(new Contender(peer.name(), variant).label()));
      }
      if (variants.isEmpty()) {
        return;
      }
      String label = peer.name() + " (" + String.join(", ", variants) + ")";
      absent.add(new Absent(caseId, label, "runs on " + device + " only", false));
    });
    return here;
  }

  private static List<Contender> chosen(RunOptions options, Peer peer) {
    return peer.manifest().variants().stream()
        .map(variant -> new Contender(peer.name(), variant))
        .filter(contender ->
            options.frameworks().contains(contender.framework())
                || options.frameworks().contains(contender.label()))
        .toList();
  }

  private static @org.jspecify.annotations.Nullable Absent missing(
      RunOptions options, CaseBundle bundle, Peer peer) {
    String caseId = bundle.description().id();
    String arch = bundle.description().arch();
    if (!peer.manifest().architectures().contains(arch)) {
      return new Absent(caseId, peer.name(), "has no adapter for " + arch + " models", false);
    }
    if (!peer.runsOn(options.device())) {
      return new Absent(caseId, peer.name(), "does not run on " + options.device(), false);
    }
    String mutant = options.mutant();
    List<String> mutants = peer.manifest().mutants();
    if (mutant != null && (mutants == null || !mutants.contains(mutant))) {
      return new Absent(caseId, peer.name(), "knows no mutant " + mutant, false);
    }
    return peer.notReady(options.device())
        .map(reason -> new Absent(caseId, peer.name(), reason, options.named()))
        .orElse(null);
  }

  /// Identifies everything that decides what a run does, so that one run is not resumed as another.
  ///
  /// @return a digest
  public String sha256() {
    return Digests.of(Json.line(this));
  }

  /// How long the run takes at least, from its sampling minima alone.
  ///
  /// @return seconds
  public long leastSeconds() {
    long nanos = 0;
    long perMetric =
        options.profile().sampling().warmupNs() + options.profile().sampling().samplesNs();
    for (PlannedUnit unit : units) {
      nanos += PROCESS_NANOS;
      if (unit.mode() == Mode.BENCH) {
        nanos += perMetric * Metric.ALL.stream().filter(m -> m.sampledProgram() != null).count();
      }
    }
    return nanos / 1_000_000_000L;
  }

  /// Starting a process, loading and compiling: a guess, used for the estimate only.
  private static final long PROCESS_NANOS = 3_000_000_000L;
}
