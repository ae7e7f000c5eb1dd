package io.griffinfly.suites.report;

import io.griffinfly.suites.cases.Digests;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The machine that a run ran on.
///
/// @param fingerprint digest of what does not change: system, architecture, processor, cores
/// @param platform how it is printed
/// @param os operating system
/// @param kernel its version
/// @param arch instruction set
/// @param cpu processor
/// @param cores logical cores that this process may use
/// @param ramBytes main memory
/// @param jdk Java that the harness and the JVM frameworks run on
/// @param threads threads of every CPU pool
/// @param loadAverage of the last minute, before the run; null where the system has none
/// @param governor frequency governor; null where the system has none
/// @param harnessRevision of the project's sources; null where neither a checkout nor the portable
///   archive tells
/// @param date when, UTC
public record Environment(
    String fingerprint,
    String platform,
    String os,
    String kernel,
    String arch,
    String cpu,
    int cores,
    long ramBytes,
    String jdk,
    int threads,
    @Nullable Double loadAverage,
    @Nullable String governor,
    @Nullable String harnessRevision,
    String date) {
  private static final Path GOVERNOR =
      Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");

  /// Looks at this machine.
  ///
  /// @param home the project's folder
  /// @param threads threads of every CPU pool
  /// @return what it is
  public static Environment capture(Path home, int threads) {
    var system =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    String os = osName();
    String arch = system.getArch();
    String cpu = cpuName().orElse(arch);
    int cores = Runtime.getRuntime().availableProcessors();
    double load = system.getSystemLoadAverage();
    return new Environment(
        Digests.of(String.join("|", os, arch, cpu, Integer.toString(cores))),
        cpu + ", " + cores + " cores",
        os,
        system.getVersion(),
        arch,
        cpu,
        cores,
        system.getTotalMemorySize(),
        System.getProperty("java.vendor") + " " + Runtime.version(),
        threads,
        load < 0 ? null : (Double) load,
        firstLine(GOVERNOR).orElse(null),
        revision(home).orElse(null),
        LocalDate.now(ZoneOffset.UTC).toString());
  }

  private static String osName() {
    return valueOf(Path.of("/etc/os-release"), "PRETTY_NAME=")
        .map(name -> name.replace("\"", ""))
        .orElse(System.getProperty("os.name"));
  }

  private static Optional<String> cpuName() {
    return valueOf(Path.of("/proc/cpuinfo"), "model name")
        .map(text -> text.replaceFirst("^\\s*:\\s*", ""));
  }

  private static Optional<String> valueOf(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(key.length()))
          .findFirst();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> firstLine(Path file) {
    return valueOf(file, "");
  }

  /// The archive's folder may lie inside somebody's checkout of something else, so what the archive
  /// says comes first.
  private static Optional<String> revision(Path home) {
    Path built = home.resolve("REVISION");
    if (Files.exists(built)) {
      return firstLine(built).filter(line -> !line.isBlank());
    }
    try {
      Process git =
          new ProcessBuilder("git", "-C", home.toString(), "describe", "--always", "--dirty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String text =
          new String(git.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      boolean ended = git.waitFor(5, TimeUnit.SECONDS);
      return ended && git.exitValue() == 0 ? Optional.of(text.strip()) : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
