package io.griffinfly.suites.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    return missing(manifest.ready()).map(hint -> "not installed: " + hint);
  }

  /// Why it cannot run on a device now.
  ///
  /// @param asked the run's device
  /// @return one line with what to do; empty if it is ready
  public Optional<String> notReady(String asked) {
    Map<String, Manifest.Ready> each = manifest.readyOn();
    return missing(each == null ? null : each.get(kind(device(asked)))).or(this::notReady);
  }

  private Optional<String> missing(Manifest.@Nullable Ready ready) {
    if (ready == null) {
      return Optional.empty();
    }
    List<String> files = ready.files();
    List<String> command = ready.command();
    boolean there =
        (files == null || files.stream().allMatch(file -> Files.exists(Path.of(expand(file, 0)))))
            && (command == null || ReadyCommand.succeeds(expand(command, 0)));
    return there ? Optional.empty() : Optional.of(ready.hint());
  }

  /// What this framework calls a device. One that stands for another, as `cuda` for `vulkan`, takes
  /// over its name but not its number: each interface counts for itself.
  ///
  /// @param asked the run's device, such as `cpu`, `vulkan:0` or `vulkan:H100`
  /// @return the device to ask this framework for
  public String device(String asked) {
    Map<String, String> standsFor = manifest.standsFor();
    String other = standsFor == null ? null : standsFor.get(kind(asked));
    if (other == null) {
      return asked;
    }
    String which = asked.substring(kind(asked).length());
    return which.matches("(:[0-9]+)?") ? other : other + which;
  }

  /// Whether it runs on a device.
  ///
  /// @param asked such as `cpu` or `vulkan:0`
  /// @return whether its manifest lists that kind
  public boolean runsOn(String asked) {
    return manifest.devices().contains(kind(device(asked)));
  }

  /// The kind of device that a variant needs.
  ///
  /// @param variant one of the manifest's
  /// @param asked the run's device
  /// @return the kind that this run is not on; empty if the variant runs
  public Optional<String> needsDevice(String variant, String asked) {
    return Optional.ofNullable(manifest.deviceOfVariant().get(variant))
        .filter(needed -> !needed.equals(kind(device(asked))));
  }

  private static String kind(String device) {
    int colon = device.indexOf(':');
    return colon < 0 ? device : device.substring(0, colon);
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
