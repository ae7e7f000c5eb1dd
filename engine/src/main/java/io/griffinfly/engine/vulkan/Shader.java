package io.griffinfly.engine.vulkan;

import java.util.List;

/// The text of a compute shader and what its pipeline needs. Equal shaders share one pipeline.
///
/// @param source GLSL
/// @param bindings kind of each binding, by number
/// @param subgroupSize lanes of a subgroup that the kernel relies on; 0 for any
record Shader(String source, List<BindingKind> bindings, int subgroupSize) {
  Shader {
    bindings = List.copyOf(bindings);
  }

  /// What a binding is.
  enum BindingKind {
    /// A storage buffer.
    BUFFER,
    /// A texel buffer of four floats a texel, read only.
    TEXELS
  }
}
