package io.griffinfly.engine.vulkan;

/// A failure that the driver is made to seem to report, to test what a program does about it.
///
/// @param call which call fails
/// @param successes how many such calls go well before
public record VulkanFailure(Call call, int successes) {
  /// What fails, and how.
  public enum Call {
    /// One allocation of memory: the device is out of it. Later ones go well.
    ALLOCATION,
    /// The start of a run or of a copy: the device is lost, and is from then on.
    SUBMISSION
  }
}
