package io.griffinfly.suites.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A framework under test.
///
/// @param manifest what it says of itself
/// @param folder where its manifest lies
/// @param state folder of its own that outlives runs
public record Peer(Manifest manifest, Path folder, Path state) {
  /// Variant of a peer that has one way of running only.
  public static final String ONLY_VARIANT = "default";

  /// Its name.
  ///
  /// @return the framework
  public String name() {
    return manifest.name();
  }

  /// Why it cannot run now.
  ///
  /// @return one line with what to do; empty if it is ready
  public Optional<String> notReady() {
    Manifest.Ready ready = manifest.ready();
    if (ready == null) {
      return Optional.empty();
    }
    boolean there = ready.files().stream().allMatch(file -> Files.exists(Path.of(expand(file, 0))));
    return there ? Optional.empty() : Optional.of("not installed: " + ready.hint());
  }

  /// Whether it runs on a device.
  ///
  /// @param device such as `cpu` or `vulkan:0`
  /// @return whether its manifest lists that kind
  public boolean runsOn(String device) {
    int colon = device.indexOf(':');
    return manifest.devices().contains(colon < 0 ? device : device.substring(0, colon));
  }

  /// Puts paths and numbers into a text of the manifest.
  ///
  /// @param text with `${peer}`, `${state}`, `${threads}`
  /// @param threads number of threads
  /// @return the text for this machine
  public String expand(String text, int threads) {
    return text.replace("${peer}", folder.toString())
        .replace("${state}", state.toString())
        .replace("${threads}", Integer.toString(threads));
  }

  /// Expands several texts.
  ///
  /// @param texts with placeholders
  /// @param threads number of threads
  /// @return the texts for this machine
  public List<String> expand(List<String> texts, int threads) {
    return texts.stream().map(text -> expand(text, threads)).toList();
  }

  /// The environment that the manifest adds.
  ///
  /// @param threads number of threads
  /// @return variables by name
  public Map<String, String> environment(int threads) {
    Map<String, String> env = manifest.launch().env();
    Map<String, String> expanded = new java.util.TreeMap<>();
    if (env != null) {
      env.forEach((name, value) -> expanded.put(name, expand(value, threads)));
    }
    return expanded;
  }
}
