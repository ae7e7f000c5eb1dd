package io.griffinfly.suites.plan;

import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.adapter.ProgramKind;
import io.griffinfly.suites.adapter.ProgramSpec;
import io.griffinfly.suites.cases.CaseBundle;
import io.griffinfly.suites.cases.CaseDescription;
import io.griffinfly.suites.cases.Digests;
import io.griffinfly.suites.peers.Peer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Spells out what a process is asked to do.
public final class Requests {
  private Requests() {}

  /// The request of a unit.
  ///
  /// @param unit which
  /// @param options what was asked for
  /// @param bundle its case
  /// @param peer its framework
  /// @param attempt what makes this execution of it different from every other
  /// @param cache where compiled code may stay
  /// @param trace where a trace goes, if one was asked for
  /// @return the request
  public static AdapterRequest of(
      PlannedUnit unit,
      RunOptions options,
      CaseBundle bundle,
      Peer peer,
      String attempt,
      Path cache,
      Path trace) {
    String nonce = Digests.of(attempt + "|" + unit.id()).substring(0, 16);
    int draw = Integer.parseInt(nonce.substring(0, 6), 16);
    List<ProgramSpec> programs =
        bundle.description().programs().stream()
            .filter(program -> peer.manifest().programs().contains(program.kind()))
            .map(program -> spec(program, bundle.description(), draw))
            .filter(spec -> unit.mode() == Mode.VERIFY || spec.metric() != null)
            .toList();
    return new AdapterRequest(
        AdapterRequest.PROTOCOL,
        unit.mode(),
        unit.caseId(),
        peer.name(),
        unit.contender().variant(),
        peer.device(options.device()),
        "fp32",
        options.threads(),
        options.seed(),
        nonce,
        cache.toString(),
        options.timeoutSeconds(),
        options.mutant(),
        programs,
        options.profile().sampling(),
        options.kernels(),
        options.endurance(),
        options.trace() == null ? null : trace.toString());
  }

  /// A probe: what is there, nothing loaded.
  ///
  /// @param peer whom to ask
  /// @param variant which way of running
  /// @param device such as `cpu`
  /// @param threads of every CPU pool
  /// @param cache a folder
  /// @return the request
  public static AdapterRequest probe(
      Peer peer, String variant, String device, int threads, Path cache) {
    return new AdapterRequest(
        AdapterRequest.PROTOCOL,
        Mode.PROBE,
        "",
        peer.name(),
        variant,
        device,
        "fp32",
        threads,
        0,
        "",
        cache.toString(),
        60,
        null,
        List.of(),
        Profile.QUICK.sampling(),
        false,
        null,
        null);
  }

  private static ProgramSpec spec(
      CaseDescription.Program program, CaseDescription description, int draw) {
    List<Map<String, String>> sets = inputSets(program, description);
    return new ProgramSpec(
        program.name(),
        program.kind(),
        sets,
        draw % sets.size(),
        program.outputs(),
        program.loss(),
        program.learningRate() == null ? 0 : program.learningRate(),
        program.steps() == null ? 0 : program.steps(),
        Metric.ofProgram(program.name()).map(Metric::name).orElse(null));
  }

  /// Forward programs go round all sets for which the case has every input; the truth of gradients
  /// and updates is known for the first set only.
  private static List<Map<String, String>> inputSets(
      CaseDescription.Program program, CaseDescription description) {
    Set<String> known = description.inputs().tensors().keySet();
    int most = program.kind() == ProgramKind.FORWARD ? description.inputs().sets() : 1;
    List<Map<String, String>> sets = new ArrayList<>();
    for (int set = 0; set < most; set++) {
      Map<String, String> names = new LinkedHashMap<>();
      for (Map.Entry<String, String> input : program.inputs().entrySet()) {
        names.put(input.getKey(), CaseDescription.inSet(input.getValue(), set));
      }
      if (set > 0 && !known.containsAll(names.values())) {
        break;
      }
      sets.add(names);
    }
    return sets;
  }
}
