package io.griffinfly.engine.vulkan;

/// Which memory a binding of a stage is, before it has an address.
sealed interface Slot {
  /// What the step reads.
  ///
  /// @param index its position
  record Operand(int index) implements Slot {}

  /// What the step writes.
  ///
  /// @param index its position
  record Result(int index) implements Slot {}

  /// A part of the step's workspace.
  ///
  /// @param offset first byte, a multiple of [MemoryPool#ALIGNMENT]
  /// @param bytes its size
  record Workspace(long offset, long bytes) implements Slot {}

  /// The word in which a step says that one of its indices is wrong: the lowest such position.
  record Fault() implements Slot {}
}
