"""The same quantities from transformers' LlamaForCausalLM: as shipped, and with its two float32 casts lifted."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama import modeling_llama

import llama
from cases import SETS, Case
from quantities import Bundle, Comparison, Store, compute
from step import Weights


def _library_model(case: Case, dtype: torch.dtype) -> LlamaForCausalLM:
    config = case.config
    with torch.device("meta"):
        model = LlamaForCausalLM(
            LlamaConfig(
                hidden_size=config.hidden,
                num_hidden_layers=config.layers,
                num_attention_heads=config.heads,
                num_key_value_heads=config.kv_heads,
                intermediate_size=config.ffn,
                vocab_size=config.vocab,
                rms_norm_eps=config.rms_eps,
                rope_parameters={"rope_type": "default", "rope_theta": config.rope_theta},
                max_position_embeddings=2048,
                tie_word_embeddings=True,
                use_cache=False,
                # The eager path casts its softmax to float32; this one has no cast of its own.
                attn_implementation="sdpa",
            )
        )
    model = model.to(dtype).to_empty(device="cpu").eval()
    # to_empty leaves the rotary buffers unset, and they are in no state dictionary.
    model.model.rotary_emb = modeling_llama.LlamaRotaryEmbedding(model.config)
    return model


def _lifted_norm(self: torch.nn.Module, hidden_states: Tensor) -> Tensor:
    return llama.rms_norm(hidden_states, self.weight, self.variance_epsilon)


def _lifted_rotary(self: torch.nn.Module, x: Tensor, position_ids: Tensor) -> tuple[Tensor, Tensor]:
    theta = self.config.rope_parameters["rope_theta"]
    head = self.config.hidden_size // self.config.num_attention_heads
    frequencies = 1.0 / theta ** (torch.arange(0, head, 2, dtype=torch.float64) / head)
    angles = position_ids[..., None].to(torch.float64) * frequencies
    angles = torch.cat((angles, angles), -1)
    return angles.cos().to(x.dtype), angles.sin().to(x.dtype)


@contextlib.contextmanager
def _lifted() -> Iterator[None]:
    norm, rotary = modeling_llama.LlamaRMSNorm, modeling_llama.LlamaRotaryEmbedding
    shipped = norm.forward, rotary.forward
    norm.forward, rotary.forward = _lifted_norm, _lifted_rotary
    try:
        yield
    finally:
        norm.forward, rotary.forward = shipped


def measure(bundle: Bundle, truth: Store, dtype: torch.dtype, lifted: bool) -> dict[str, float]:
    """The error of every tensor of the library's model against the truth."""
    model = _library_model(bundle.case, dtype)
    comparison = Comparison(truth)

    def forward(weights: Weights, ids: Tensor) -> Tensor:
        named = weights | {"lm_head.weight": weights["model.embed_tokens.weight"]}
        return torch.func.functional_call(model, named, (ids,), tie_weights=False).logits

    with _lifted() if lifted else contextlib.nullcontext():
        compute(bundle, forward, bundle.weights(dtype), SETS, comparison.emit)
    return comparison.errors
