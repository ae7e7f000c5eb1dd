package io.griffinfly.engine.vulkan;

import java.util.List;

/// Decides where a barrier is recorded.
interface Barriers {
  /// Whether what was recorded since the last barrier must end before this begins.
  ///
  /// @param uses the memory that the next command touches
  boolean before(List<Use> uses);

  /// A range of memory that a command touches.
  ///
  /// @param region the range
  /// @param writes whether it is written
  record Use(Region region, boolean writes) {}
}
