package io.griffinfly.models;

/// Which scalar a graph ends in.
public enum Objective {
  /// None: outputs alone.
  NONE,
  /// What the model is trained for; its inputs include the labels or the target.
  NATIVE,
  /// [io.griffinfly.engine.nn.Nn#probeLoss] of the main output, with an input `probe.<output>`.
  PROBE
}
