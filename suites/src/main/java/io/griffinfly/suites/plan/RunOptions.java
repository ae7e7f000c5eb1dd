package io.griffinfly.suites.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was asked for, with every default filled in: enough to make the same plan again.
///
/// @param models names of models; empty with a case folder
/// @param caseDirectory a bundle to use instead of the models; null for none
/// @param frameworks names, each perhaps with `:variant`
/// @param named whether the frameworks were asked for by name
/// @param profile how much to measure
/// @param rounds timed processes of each framework
/// @param verifyOnly whether to check values and take no times
/// @param device such as `cpu`
/// @param threads of every CPU pool
/// @param seed of the order within rounds
/// @param timeoutSeconds of one process
/// @param mutant a fault to commit deliberately; null in earnest
/// @param kernels whether to time single kernels
/// @param endurance training steps to run while memory is watched; null for none
/// @param trace file for a trace; null for none
public record RunOptions(
    List<String> models,
    @Nullable String caseDirectory,
    List<String> frameworks,
    boolean named,
    Profile profile,
    int rounds,
    boolean verifyOnly,
    String device,
    int threads,
    long seed,
    long timeoutSeconds,
    @Nullable String mutant,
    boolean kernels,
    @Nullable Integer endurance,
    @Nullable String trace) {
  /// Copies the lists.
  public RunOptions {
    models = List.copyOf(models);
    frameworks = List.copyOf(frameworks);
  }

  /// The same on another device.
  ///
  /// @param other such as `cpu`
  /// @return the options
  public RunOptions withDevice(String other) {
    return new RunOptions(
        models,
        caseDirectory,
        frameworks,
        named,
        profile,
        rounds,
        verifyOnly,
        other,
        threads,
        seed,
        timeoutSeconds,
        mutant,
        kernels,
        endurance,
        trace);
  }
}
