package io.griffinfly.suites.adapter;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What one iteration of a program does.
public enum ProgramKind {
  /// The model's outputs, no gradient recording.
  @JsonProperty("forward")
  FORWARD,
  /// Forward, loss, backward, with the gradient of every parameter.
  @JsonProperty("gradients")
  GRADIENTS,
  /// Forward, loss, backward and `w -= rate * gradient`.
  @JsonProperty("train_sgd")
  TRAIN_SGD
}
