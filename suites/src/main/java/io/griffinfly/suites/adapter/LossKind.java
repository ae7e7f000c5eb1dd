package io.griffinfly.suites.adapter;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Which scalar is differentiated.
public enum LossKind {
  /// The case's training objective.
  @JsonProperty("native")
  NATIVE,
  /// A fixed random projection of the outputs, scaled by 1/sqrt(elements): its gradients are well
  /// conditioned where those of cross-entropy over near-uniform logits are not.
  @JsonProperty("probe")
  PROBE
}
