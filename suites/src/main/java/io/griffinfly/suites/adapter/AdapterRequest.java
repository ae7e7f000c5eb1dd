package io.griffinfly.suites.adapter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the harness asks of one process. Paths are strings, so that every language reads them
/// alike.
///
/// @param protocol version of the protocol, 1
/// @param mode what the unit is for
/// @param caseId the case
/// @param framework the framework's name
/// @param variant which of its ways of running; `default` if it has one only
/// @param device the device asked for, such as `cpu` or `vulkan:0`
/// @param precision the arithmetic asked for, such as `fp32`
/// @param threads threads of every CPU pool
/// @param seed for whatever the framework draws
/// @param nonce to be written into the outputs, so that they cannot be another unit's
/// @param cacheDir where compiled code may stay between processes
/// @param deadlineSeconds when the process is killed
/// @param mutant a fault to commit deliberately; null in earnest
/// @param programs what to run, in order
/// @param sampling how to time
/// @param kernels whether to time single kernels
/// @param endurance training steps to run while memory is watched; null for none
/// @param trace file for a Perfetto trace; null for none
public record AdapterRequest(
    int protocol,
    Mode mode,
    String caseId,
    String framework,
    String variant,
    String device,
    String precision,
    int threads,
    long seed,
    String nonce,
    String cacheDir,
    long deadlineSeconds,
    @Nullable String mutant,
    List<ProgramSpec> programs,
    SamplingPlan sampling,
    boolean kernels,
    @Nullable Integer endurance,
    @Nullable String trace) {
  /// The version that this code speaks.
  public static final int PROTOCOL = 1;

  /// Copies the list.
  public AdapterRequest {
    programs = List.copyOf(programs);
  }
}
