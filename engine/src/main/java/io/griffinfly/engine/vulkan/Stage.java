package io.griffinfly.engine.vulkan;

import java.util.List;

/// One dispatch of a step.
///
/// @param shader the code
/// @param bindings the memory of each binding
/// @param workgroups number of workgroups, 0 if there is nothing to do
record Stage(Shader shader, List<Binding> bindings, long workgroups) {
  Stage {
    bindings = List.copyOf(bindings);
  }

  /// A binding.
  ///
  /// @param slot the memory
  /// @param reads whether the stage reads it
  /// @param writes whether the stage writes it
  record Binding(Slot slot, boolean reads, boolean writes) {}
}
