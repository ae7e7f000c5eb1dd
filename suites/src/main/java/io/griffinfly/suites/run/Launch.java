package io.griffinfly.suites.run;

import io.griffinfly.suites.adapter.AdapterHost;
import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.peers.Manifest;
import io.griffinfly.suites.peers.Peer;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The command line and environment of a framework's process.
///
/// @param command program and arguments
/// @param environment all variables that it sees
public record Launch(List<String> command, Map<String, String> environment) {
  /// What a process needs from the user's environment. Everything else stays out: a variable such
  /// as OMP_NUM_THREADS in someone's shell would change the figures without a trace.
  private static final List<String> KEPT =
      List.of(
          "PATH",
          "HOME",
          "USER",
          "LANG",
          "LC_ALL",
          "TZ",
          "JAVA_HOME",
          "LD_LIBRARY_PATH",
          "VK_ICD_FILENAMES",
          "VK_DRIVER_FILES",
          "SystemRoot",
          "TEMP",
          "TMP");

  /// Layers between a program and Vulkan. They take time, so that only values are checked under
  /// them.
  private static final List<String> LAYERS =
      List.of("VK_INSTANCE_LAYERS", "VK_LAYER_PATH", "VK_LAYER_SETTINGS_PATH");

  private static final List<String> CACHES =
      List.of(
          "XDG_CACHE_HOME",
          "TORCHINDUCTOR_CACHE_DIR",
          "TRITON_CACHE_DIR",
          "CUDA_CACHE_PATH",
          "MESA_SHADER_CACHE_DIR",
          "__GL_SHADER_DISK_CACHE_PATH",
          "TMPDIR");

  private static final List<String> POOLS =
      List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS");

  /// Copies the collections.
  public Launch {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /// Files that a unit's process is told of.
  ///
  /// @param caseDirectory the bundle
  /// @param request the request
  /// @param out the unit's output folder
  public record Files(Path caseDirectory, Path request, Path out) {}

  /// How a unit is started.
  ///
  /// @param peer the framework
  /// @param request what it is asked
  /// @param files where things lie
  /// @return command and environment
  public static Launch of(Peer peer, AdapterRequest request, Files files) {
    Manifest.Launch launch = peer.manifest().launch();
    List<String> command = new ArrayList<>();
    List<String> program = launch.command();
    if (program == null) {
      command.addAll(java(launch.jvmArgs() == null ? List.of() : launch.jvmArgs()));
      command.add("--adapter");
      command.add(Objects.requireNonNull(launch.adapter(), "checked when it was read"));
    } else {
      command.addAll(peer.expand(program, request.threads()));
    }
    command.addAll(
        List.of(
            "--protocol",
            Integer.toString(request.protocol()),
            "--case",
            files.caseDirectory().toString(),
            "--mode",
            request.mode().word(),
            "--request",
            files.request().toString(),
            "--out",
            files.out().toString()));
    return new Launch(command, environment(peer, request));
  }

  /// The same Java, class path and native access as this process, plus the manifest's flags.
  private static List<String> java(List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-modules");
    command.add("jdk.incubator.vector");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(flags);
    command.add("-cp");
    command.add(absolute(System.getProperty("java.class.path")));
    command.add(AdapterHost.class.getName());
    return command;
  }

  /// The same class path for a process that starts in another folder: an entry may have been given
  /// relative to where this one started, and an empty one is that folder itself.
  private static String absolute(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /// The variables of a process.
  ///
  /// @param peer the framework
  /// @param request with the cache folder and the number of threads
  /// @return variables by name
  private static Map<String, String> environment(Peer peer, AdapterRequest request) {
    Map<String, String> environment = kept();
    if (request.mode() == Mode.VERIFY) {
      keep(LAYERS, environment);
    }
    CACHES.forEach(name -> environment.put(name, request.cacheDir()));
    POOLS.forEach(name -> environment.put(name, Integer.toString(request.threads())));
    environment.putAll(peer.environment(request.threads()));
    return environment;
  }

  /// What is passed on from this process.
  ///
  /// @return variables by name
  public static Map<String, String> kept() {
    Map<String, String> environment = new TreeMap<>();
    keep(KEPT, environment);
    return environment;
  }

  private static void keep(List<String> names, Map<String, String> environment) {
    for (String name : names) {
      String value = System.getenv(name);
      if (value != null) {
        environment.put(name, value);
      }
    }
  }
}
