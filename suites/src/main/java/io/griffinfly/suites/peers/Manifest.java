package io.griffinfly.suites.peers;

import io.griffinfly.suites.adapter.ProgramKind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The `manifest.json` of a peer.
///
/// @param schema `griffinfly-peer/1.0`
/// @param name the framework; also its folder's name
/// @param title how it is printed
/// @param homepage where to read about it
/// @param variants its ways of running, each a row of its own
/// @param devices kinds of device that it runs on, such as `cpu`
/// @param onlyOn variants that run on one kind of device only, by that kind; null if all run on all
/// @param standsFor kinds of device that it knows by another name: in a run on `vulkan` a peer may
///   run on `cuda`; null if none
/// @param programs what it can run
/// @param architectures families of models that its adapter knows
/// @param mutants deliberate faults that it can commit
/// @param launch how it is started
/// @param ready what must be there before
/// @param readyOn what must be there besides, by kind of device; null if nothing
/// @param prepare how that is brought about; null if nothing needs to be
public record Manifest(
    String schema,
    String name,
    String title,
    @Nullable String homepage,
    List<String> variants,
    List<String> devices,
    @Nullable Map<String, List<String>> onlyOn,
    @Nullable Map<String, String> standsFor,
    List<ProgramKind> programs,
    List<String> architectures,
    @Nullable List<String> mutants,
    Launch launch,
    @Nullable Ready ready,
    @Nullable Map<String, Ready> readyOn,
    @Nullable Prepare prepare) {
  /// The version that this code reads.
  static final String SCHEMA = "griffinfly-peer/1.0";

  /// How it is started: a command, or a class inside the JVM.
  ///
  /// @param command program and arguments; null for a class
  /// @param env environment to add
  /// @param adapter class that implements FrameworkAdapter; null for a command
  /// @param jvmArgs flags of its JVM
  public record Launch(
      @Nullable List<String> command,
      @Nullable Map<String, String> env,
      @Nullable String adapter,
      @Nullable List<String> jvmArgs) {}

  /// What must be there.
  ///
  /// @param files all of which exist once it is prepared; null if none tells
  /// @param command that ends with status 0 once it is prepared; null if none tells
  /// @param hint what to do if it is not
  public record Ready(@Nullable List<String> files, @Nullable List<String> command, String hint) {}

  /// How it is made ready.
  ///
  /// @param command program and arguments
  /// @param timeoutSeconds when it is given up
  public record Prepare(List<String> command, long timeoutSeconds) {}

  /// What is wrong with it.
  ///
  /// @param folder name of the folder that it lies in
  /// @return one line; null if nothing is
  @Nullable String problem(String folder) {
    if (!SCHEMA.equals(schema)) {
      return "schema " + schema + ", this version reads " + SCHEMA;
    }
    if (!folder.equals(name)) {
      return "name " + name + " in folder " + folder;
    }
    if (variants.isEmpty() || devices.isEmpty() || programs.isEmpty()) {
      return "needs at least one of each: variants, devices, programs";
    }
    if ((launch.command() == null) == (launch.adapter() == null)) {
      return "launch needs either a command or an adapter";
    }
    if (!variants.containsAll(deviceOfVariant().keySet())) {
      return "only_on names variants that are not there";
    }
    return null;
  }

  /// Variants that run on one kind of device only.
  ///
  /// @return that kind, by variant
  Map<String, String> deviceOfVariant() {
    Map<String, String> devices = new TreeMap<>();
    if (onlyOn != null) {
      onlyOn.forEach((device, each) -> each.forEach(variant -> devices.put(variant, device)));
    }
    return devices;
  }
}
