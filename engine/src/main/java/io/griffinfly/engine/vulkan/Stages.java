package io.griffinfly.engine.vulkan;

import java.util.List;

/// What a step is made of.
///
/// @param stages to dispatch in this order
/// @param workspaceBytes memory that they use between them
record Stages(List<Stage> stages, long workspaceBytes) {
  Stages {
    stages = List.copyOf(stages);
  }
}
