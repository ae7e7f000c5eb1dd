"""A Llama decoder from its equations, in the precision of its weights, with one switch for each deliberate error.

Written without library layers: transformers' RMSNorm and rotary table compute in float32 whatever the weights are.
Sources: Touvron et al. 2023 (architecture), Zhang and Sennrich 2019 (RMSNorm), Su et al. 2021 (rotary positions),
Ainslie et al. 2023 (grouped queries), Shazeer 2020 (SwiGLU).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rounding import Product


@dataclass(frozen=True)
class Config:
    """The hyper-parameters; a head is hidden / heads wide."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    rope_theta: float = 100000.0
    rms_eps: float = 1e-5

    @property
    def head(self) -> int:
        return self.hidden // self.heads

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every parameter by its Hugging Face name; the head is tied to the embedding."""
        kv = self.kv_heads * self.head
        shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (self.vocab, self.hidden)}
        for layer in range(self.layers):
            shapes |= {
                f"model.layers.{layer}.{name}.weight": shape
                for name, shape in {
                    "input_layernorm": (self.hidden,),
                    "self_attn.q_proj": (self.hidden, self.hidden),
                    "self_attn.k_proj": (kv, self.hidden),
                    "self_attn.v_proj": (kv, self.hidden),
                    "self_attn.o_proj": (self.hidden, self.hidden),
                    "post_attention_layernorm": (self.hidden,),
                    "mlp.gate_proj": (self.ffn, self.hidden),
                    "mlp.up_proj": (self.ffn, self.hidden),
                    "mlp.down_proj": (self.hidden, self.ffn),
                }.items()
            }
        return shapes | {"model.norm.weight": (self.hidden,)}


@dataclass(frozen=True)
class Errors:
    """Deliberate errors; the defaults are none."""

    eps_factor: float = 1
    theta_factor: float = 1
    interleaved_rope: bool = False
    no_mask: bool = False
    transposed_o_proj: bool = False
    interleaved_kv_heads: bool = False
    no_scale_backward: bool = False
    dropped_upstream: bool = False
    untied_head_gradient: bool = False


class _ForwardOnlyScale(torch.autograd.Function):
    """Multiplies forward and forgets to in the backward pass."""

    @staticmethod
    def forward(ctx, values: Tensor, factor: float) -> Tensor:
        return values * factor

    @staticmethod
    def backward(ctx, upstream: Tensor) -> tuple[Tensor, None]:
        return upstream, None


class _SiluWithoutUpstream(torch.autograd.Function):
    """SiLU whose backward pass forgets to multiply by the upstream gradient."""

    @staticmethod
    def forward(ctx, values: Tensor) -> Tensor:
        ctx.save_for_backward(values)
        return values * torch.sigmoid(values)

    @staticmethod
    def backward(ctx, upstream: Tensor) -> Tensor:
        (values,) = ctx.saved_tensors
        gate = torch.sigmoid(values)
        return gate * (1 + values * (1 - gate))


def rms_norm(values: Tensor, gain: Tensor, eps: float) -> Tensor:
    return values * torch.rsqrt(values.square().mean(-1, keepdim=True) + eps) * gain


def rotary_table(config: Config, length: int, errors: Errors) -> tuple[Tensor, Tensor]:
    """cos and sin of position x frequency, [length, head/2], computed in float64."""
    exponents = torch.arange(0, config.head, 2, dtype=torch.float64) / config.head
    frequencies = (config.rope_theta * errors.theta_factor) ** -exponents
    angles = torch.arange(length, dtype=torch.float64)[:, None] * frequencies
    return angles.cos(), angles.sin()


def rotate(values: Tensor, cos: Tensor, sin: Tensor, interleaved: bool) -> Tensor:
    """Rotates pairs (i, i + head/2) of [batch, heads, length, head]; interleaved, the error, pairs (2i, 2i+1)."""
    if interleaved:
        first, second = values[..., 0::2], values[..., 1::2]
        return torch.stack((first * cos - second * sin, second * cos + first * sin), -1).flatten(-2)
    first, second = values.chunk(2, -1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)


def _attention(
    weights: dict[str, Tensor], prefix: str, config: Config, values: Tensor, errors: Errors, product: Product
) -> Tensor:
    batch, length, _ = values.shape

    def heads(name: str, count: int) -> Tensor:
        projected = product(values, weights[f"{prefix}.{name}.weight"].T)
        return projected.view(batch, length, count, config.head).transpose(1, 2)

    cos, sin = (table.to(values.dtype) for table in rotary_table(config, length, errors))
    queries = rotate(heads("q_proj", config.heads), cos, sin, errors.interleaved_rope)
    keys = rotate(heads("k_proj", config.kv_heads), cos, sin, errors.interleaved_rope)
    group = config.heads // config.kv_heads
    owners = torch.arange(config.heads)
    owners = owners % config.kv_heads if errors.interleaved_kv_heads else owners // group
    keys, shared = keys[:, owners], heads("v_proj", config.kv_heads)[:, owners]

    scale = config.head**-0.5
    scores = product(queries, keys.transpose(-1, -2))
    scores = _ForwardOnlyScale.apply(scores, scale) if errors.no_scale_backward else scores * scale
    if not errors.no_mask:
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
    mixed = product(scores.softmax(-1), shared).transpose(1, 2).reshape(batch, length, config.hidden)
    output = weights[f"{prefix}.o_proj.weight"]
    return product(mixed, output if errors.transposed_o_proj else output.T)


def _feed_forward(
    weights: dict[str, Tensor], prefix: str, values: Tensor, errors: Errors, product: Product
) -> Tensor:
    gate, up, down = (weights[f"{prefix}.{name}_proj.weight"] for name in ("gate", "up", "down"))
    gated = product(values, gate.T)
    active = _SiluWithoutUpstream.apply(gated) if errors.dropped_upstream else gated * torch.sigmoid(gated)
    return product(active * product(values, up.T), down.T)


def logits(
    weights: dict[str, Tensor],
    config: Config,
    ids: Tensor,
    errors: Errors = Errors(),
    product: Product = torch.matmul,
) -> Tensor:
    """ids [batch, length] to logits [batch, length, vocab]."""
    eps = config.rms_eps * errors.eps_factor
    embedding = weights["model.embed_tokens.weight"]
    hidden = torch.nn.functional.embedding(ids, embedding)
    for layer in range(config.layers):
        prefix = f"model.layers.{layer}"
        normed = rms_norm(hidden, weights[f"{prefix}.input_layernorm.weight"], eps)
        hidden = hidden + _attention(weights, f"{prefix}.self_attn", config, normed, errors, product)
        normed = rms_norm(hidden, weights[f"{prefix}.post_attention_layernorm.weight"], eps)
        hidden = hidden + _feed_forward(weights, f"{prefix}.mlp", normed, errors, product)
    hidden = rms_norm(hidden, weights["model.norm.weight"], eps)
    return product(hidden, (embedding.detach() if errors.untied_head_gradient else embedding).T)
