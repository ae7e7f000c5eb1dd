"""Deliberate errors, each of which some check of the case must catch."""

from dataclasses import dataclass

import torch

import llama
from llama import Errors
from quantities import Bundle, Comparison, Store, compute


@dataclass(frozen=True)
class Mutant:
    """A wrong implementation. `subtle` ones must be caught in the fp32 class only."""

    name: str
    errors: Errors = Errors()
    subtle: bool = False
    zero_weights: bool = False
    shifted_labels: bool = False
    updates: bool = True

    def measure(self, bundle: Bundle, truth: Store) -> dict[str, float]:
        """The error of every tensor, in float64, so that nothing but the mutation shows."""
        config = bundle.case.config
        if not self.updates:
            return {f"delta3.{name}": 1.0 for name in config.shapes()}
        weights = bundle.weights(torch.float64)
        if self.zero_weights:
            weights = {name: torch.zeros_like(weight) for name, weight in weights.items()}
        comparison = Comparison(truth)
        compute(
            bundle,
            lambda named, ids: llama.logits(named, config, ids, self.errors),
            weights,
            1,
            comparison.emit,
            self.shifted_labels,
        )
        return comparison.errors


MUTANTS = (
    Mutant("zero_weights", zero_weights=True),
    Mutant("rope_theta_div_10", Errors(theta_factor=0.1)),
    Mutant("rope_interleaved", Errors(interleaved_rope=True)),
    Mutant("no_mask", Errors(no_mask=True)),
    Mutant("transpose_o_proj", Errors(transposed_o_proj=True)),
    Mutant("kv_heads_interleaved", Errors(interleaved_kv_heads=True)),
    Mutant("no_attention_scale_backward", Errors(no_scale_backward=True)),
    Mutant("drop_upstream_gradient", Errors(dropped_upstream=True)),
    Mutant("untied_head_gradient", Errors(untied_head_gradient=True)),
    Mutant("shifted_labels", shifted_labels=True),
    Mutant("no_update", updates=False),
    Mutant("eps_times_10", Errors(eps_factor=10), subtle=True),
)
