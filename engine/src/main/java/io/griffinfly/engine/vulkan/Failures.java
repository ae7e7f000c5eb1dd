package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.VulkanFailure.Call;
import java.util.Optional;

/// Counts calls up to the one that is to fail. Used under the context's lock.
final class Failures {
  private final Optional<VulkanFailure> planned;
  private int allocations;
  private int submissions;

  Failures(Optional<VulkanFailure> planned) {
    this.planned = planned;
  }

  /// Whether the allocation that is due is to fail.
  boolean allocation() {
    int before = allocations++;
    return planned
        .filter(failure -> failure.call() == Call.ALLOCATION && before == failure.successes())
        .isPresent();
  }

  /// Whether the submission that is due is to fail.
  boolean submission() {
    int before = submissions++;
    return planned
        .filter(failure -> failure.call() == Call.SUBMISSION && before >= failure.successes())
        .isPresent();
  }
}
