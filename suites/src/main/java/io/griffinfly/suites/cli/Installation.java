package io.griffinfly.suites.cli;

import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import io.griffinfly.suites.run.Launch;
import io.griffinfly.suites.run.Supervisor;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// `--install`: the packages that the `vulkan` device needs, on systems with apt-get.
final class Installation {
  /// The loader; drivers for AMD and Intel, and the software device.
  private static final List<String> PACKAGES = List.of("libvulkan1", "mesa-vulkan-drivers");

  /// What NVIDIA's driver opens besides, and brings not.
  private static final List<String> PACKAGES_FOR_NVIDIA = List.of("libegl1", "libxext6");

  private static final long DEADLINE_SECONDS = 1800;

  private final Console console;
  private final Host host;
  private final Path log;

  /// @param host the machine
  /// @param log file for what the package manager prints
  Installation(Console console, Host host, Path log) {
    this.console = console;
    this.host = host;
    this.log = log;
  }

  /// What has to be known of the machine.
  ///
  /// @param aptGet installs; empty if there is none
  /// @param dpkgQuery says what is installed
  /// @param isRoot whether this process may install
  /// @param hasNvidiaDriver whether NVIDIA's driver is loaded
  record Host(
      Optional<Path> aptGet, Optional<Path> dpkgQuery, boolean isRoot, boolean hasNvidiaDriver) {
    /// This machine.
    static Host here() {
      return new Host(
          onPath("apt-get"),
          onPath("dpkg-query"),
          isRootProcess(),
          Files.exists(Path.of("/dev/nvidiactl")));
    }

    private static Optional<Path> onPath(String program) {
      String path = System.getenv("PATH");
      return path == null
          ? Optional.empty()
          : Stream.of(path.split(File.pathSeparator))
              .map(folder -> Path.of(folder, program))
              .filter(Files::isExecutable)
              .findFirst();
    }

    /// The owner of a process's folder is who it runs as.
    private static boolean isRootProcess() {
      try {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
      } catch (IOException | UnsupportedOperationException | IllegalArgumentException _) {
        return false;
      }
    }
  }

  /// Installs what is missing.
  ///
  /// @param dryRun whether to say only what would be run
  /// @throws SuiteException if it cannot, with what to do instead
  ExitCode run(boolean dryRun) {
    if (host.aptGet.isEmpty() || host.dpkgQuery.isEmpty()) {
      throw unfit(
          "--install needs apt-get, as Debian and Ubuntu have it: install the Vulkan loader and your"
              + " GPU's driver as your system does");
    }
    List<String> missing = missing();
    if (missing.isEmpty()) {
      console.say("griffinfly: installed already: " + String.join(", ", wanted()));
      return ExitCode.OK;
    }
    List<String> command = new ArrayList<>(List.of(host.aptGet.get().toString(), "install", "-y"));
    command.add("--no-install-recommends");
    command.addAll(missing);
    String said =
        "apt-get update && apt-get " + String.join(" ", command.subList(1, command.size()));
    if (dryRun) {
      console.print(said + "\n");
      return ExitCode.OK;
    }
    if (!host.isRoot) {
      throw unfit("--install needs root: sudo sh -c '" + said + "'");
    }
    console.say("griffinfly: running " + said + "; log: " + log);
    // A list of packages that cannot be renewed may do all the same.
    apt(List.of(host.aptGet.get().toString(), "update"), log.resolveSibling("apt-update.log"));
    Supervisor.Outcome outcome = apt(command, log);
    if (outcome.timedOut() || outcome.exitStatus() != 0 || !missing().isEmpty()) {
      throw unfit(
          "apt-get install "
              + (outcome.timedOut()
                  ? "took longer than " + DEADLINE_SECONDS + " s"
                  : "failed, exit " + outcome.exitStatus())
              + "; the log says why: "
              + log);
    }
    console.say("griffinfly: installed; --list-devices shows what there is now");
    return ExitCode.OK;
  }

  private static SuiteException unfit(String message) {
    return new SuiteException(ExitCode.UNFIT, message);
  }

  private Supervisor.Outcome apt(List<String> command, Path output) {
    Map<String, String> environment = new TreeMap<>(System.getenv());
    environment.put("DEBIAN_FRONTEND", "noninteractive");
    Supervisor supervisor = new Supervisor();
    Thread stop = new Thread(supervisor::stop, "stop installation");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      return supervisor.run(
          new Launch(command, environment),
          output.toAbsolutePath().getRoot(),
          output,
          DEADLINE_SECONDS,
          () -> {});
    } finally {
      Runtime.getRuntime().removeShutdownHook(stop);
    }
  }

  private List<String> wanted() {
    List<String> packages = new ArrayList<>(PACKAGES);
    if (host.hasNvidiaDriver) {
      packages.addAll(PACKAGES_FOR_NVIDIA);
    }
    return packages;
  }

  private List<String> missing() {
    return wanted().stream().filter(name -> !isInstalled(name)).toList();
  }

  private boolean isInstalled(String name) {
    try {
      Process process =
          new ProcessBuilder(
                  host.dpkgQuery.orElseThrow().toString(), "-W", "-f", "${db:Status-Abbrev}", name)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      String state = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return process.waitFor() == 0 && state.startsWith("ii");
    } catch (IOException e) {
      throw unfit("cannot ask dpkg-query what is installed: " + DurableFile.reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SuiteException(ExitCode.INTERRUPTED, "interrupted", e);
    }
  }
}
