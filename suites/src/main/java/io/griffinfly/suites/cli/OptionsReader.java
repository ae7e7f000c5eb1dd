package io.griffinfly.suites.cli;

import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.peers.Peer;
import io.griffinfly.suites.peers.PeerCatalog;
import io.griffinfly.suites.plan.Contender;
import io.griffinfly.suites.plan.Profile;
import io.griffinfly.suites.plan.RunOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Turns flags into options: names resolved, defaults filled in, contradictions refused. Which
/// device `auto` is stays open: finding out starts a process.
final class OptionsReader {
  private static final long DEFAULT_SEED = 7;
  private static final long DEFAULT_TIMEOUT_SECONDS = 900;

  /// Beyond these a plan takes longer to lay out than to refuse, and nanoseconds overflow.
  private static final long MOST_ROUNDS = 1000;

  private static final long MOST_THREADS = 4096;
  private static final long MOST_STEPS = 100_000_000;
  private static final long MOST_TIMEOUT_SECONDS = 7 * 24 * 3600;

  /// The engine's own name for the CPU, for those who type what its kernel reports say.
  private static final String JVM = "jvm";

  private OptionsReader() {}

  static RunOptions read(SuiteCommand command, List<String> models, PeerCatalog catalog) {
    boolean observing = isObserving(command);
    Profile profile = command.chosenProfile();
    if (command.models != null && command.caseDirectory != null) {
      throw usage("-m and --case exclude each other");
    }
    if (observing && command.verifyOnly) {
      throw usage(
          "--kernels, --trace and --endurance watch timed processes, of which --verify-only has"
              + " none");
    }
    if (command.picture != null && command.verifyOnly) {
      throw usage("--picture shows times, of which --verify-only has none");
    }
    List<String> chosen = models(command, models);
    if (command.trace != null && chosen.size() > 1) {
      throw usage("--trace takes one model: name it with -m");
    }
    int rounds = command.rounds != null ? command.rounds : observing ? 1 : profile.rounds();
    int threads =
        command.threads != null ? command.threads : Runtime.getRuntime().availableProcessors();
    long timeout = Objects.requireNonNullElse(command.timeout, DEFAULT_TIMEOUT_SECONDS);
    requireWithin("--rounds", rounds, MOST_ROUNDS);
    requireWithin("--threads", threads, MOST_THREADS);
    requireWithin("--timeout", timeout, MOST_TIMEOUT_SECONDS);
    requireWithin("--endurance", Objects.requireNonNullElse(command.endurance, 1), MOST_STEPS);
    requireName("--case", command.caseDirectory);
    requireName("--out", command.out);
    requireName("--trace", command.trace);
    return new RunOptions(
        chosen,
        command.caseDirectory == null ? null : command.caseDirectory.toAbsolutePath().toString(),
        frameworks(command, catalog, observing),
        command.frameworks != null,
        profile,
        rounds,
        command.verifyOnly,
        device(Objects.requireNonNullElse(command.device, AutoDevice.NAME), catalog),
        threads,
        Objects.requireNonNullElse(command.seed, DEFAULT_SEED),
        timeout,
        command.mutate,
        command.kernels,
        command.endurance,
        command.trace == null ? null : command.trace.toAbsolutePath().toString());
  }

  private static boolean isObserving(SuiteCommand command) {
    return command.kernels || command.trace != null || command.endurance != null;
  }

  private static List<String> models(SuiteCommand command, List<String> known) {
    if (command.caseDirectory != null) {
      return List.of();
    }
    return command.models == null ? known : Choices.resolve("model", command.models, known);
  }

  private static List<String> frameworks(
      SuiteCommand command, PeerCatalog catalog, boolean observing) {
    List<String> known = new ArrayList<>(catalog.names());
    for (Peer peer : catalog.peers()) {
      peer.manifest().variants().stream()
          .map(variant -> new Contender(peer.name(), variant).label())
          .filter(label -> !known.contains(label))
          .forEach(known::add);
    }
    if (command.frameworks != null) {
      return Choices.resolve("framework", command.frameworks, known);
    }
    String mutant = command.mutate;
    if (mutant != null) {
      return knowing(mutant, catalog);
    }
    return observing && catalog.find(PeerCatalog.OWN).isPresent()
        ? List.of(PeerCatalog.OWN)
        : catalog.names();
  }

  private static List<String> knowing(String mutant, PeerCatalog catalog) {
    TreeSet<String> known = new TreeSet<>();
    List<String> names = new ArrayList<>();
    for (Peer peer : catalog.peers()) {
      List<String> mutants = peer.manifest().mutants();
      if (mutants != null) {
        known.addAll(mutants);
        if (mutants.contains(mutant)) {
          names.add(peer.name());
        }
      }
    }
    if (names.isEmpty()) {
      throw usage("unknown mutant '" + mutant + "'; there is " + String.join(", ", known));
    }
    return names;
  }

  private static String device(String asked, PeerCatalog catalog) {
    if (asked.equals(AutoDevice.NAME)) {
      return asked;
    }
    if (asked.equals(JVM)) {
      return AutoDevice.CPU;
    }
    int colon = asked.indexOf(':');
    String kind = colon < 0 ? asked : asked.substring(0, colon);
    // There is one CPU, however many sockets: a number after it would be ignored.
    if (!catalog.devices().contains(kind) || (kind.equals(AutoDevice.CPU) && colon >= 0)) {
      throw usage(
          "unknown device '" + asked + "'; there is " + String.join(", ", catalog.devices()));
    }
    return asked;
  }

  private static void requireWithin(String flag, long value, long most) {
    if (value < 1) {
      throw usage(flag + " must be at least 1, not " + value);
    }
    if (value > most) {
      throw usage(flag + " must be at most " + most + ", not " + value);
    }
  }

  /// An empty path would be the working directory, which nobody means.
  static void requireName(String flag, @Nullable Path path) {
    if (path != null && path.toString().isEmpty()) {
      throw usage(flag + " must not be empty");
    }
  }

  private static SuiteException usage(String message) {
    return new SuiteException(ExitCode.USAGE, message);
  }
}
