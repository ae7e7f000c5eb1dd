"""A Llama decoder in PyTorch's own layers, named as the parameters of a bundle are."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

_POSITIONS = 2048


class Linear(nn.Module):
    """nn.Linear without bias and without its random start, which would cost a second of loading."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))

    def forward(self, values: Tensor) -> Tensor:
        return functional.linear(values, self.weight)


class Embedding(nn.Module):
    """nn.Embedding, likewise."""

    def __init__(self, count: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(count, width))

    def forward(self, ids: Tensor) -> Tensor:
        return functional.embedding(ids, self.weight)


class Attention(nn.Module):
    """Causal attention with rotary positions and shared key-value heads."""

    def __init__(self, hparams: Mapping[str, float]) -> None:
        super().__init__()
        hidden, self.heads, self.kv_heads = (int(hparams[name]) for name in ("hidden", "heads", "kv_heads"))
        self.head = hidden // self.heads
        self.q_proj = Linear(hidden, hidden)
        self.k_proj = Linear(hidden, self.kv_heads * self.head)
        self.v_proj = Linear(hidden, self.kv_heads * self.head)
        self.o_proj = Linear(hidden, hidden)

    def forward(self, values: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, _ = values.shape
        queries = self.q_proj(values).view(batch, length, self.heads, self.head).transpose(1, 2)
        keys = self.k_proj(values).view(batch, length, self.kv_heads, self.head).transpose(1, 2)
        shared = self.v_proj(values).view(batch, length, self.kv_heads, self.head).transpose(1, 2)
        queries, keys = _rotate(queries, cos, sin), _rotate(keys, cos, sin)
        mixed = functional.scaled_dot_product_attention(queries, keys, shared, is_causal=True, enable_gqa=True)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, self.heads * self.head))


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, hparams: Mapping[str, float]) -> None:
        super().__init__()
        hidden, ffn = int(hparams["hidden"]), int(hparams["ffn"])
        self.gate_proj = Linear(hidden, ffn)
        self.up_proj = Linear(hidden, ffn)
        self.down_proj = Linear(ffn, hidden)

    def forward(self, values: Tensor) -> Tensor:
        return self.down_proj(functional.silu(self.gate_proj(values)) * self.up_proj(values))


class Layer(nn.Module):
    """Pre-norm attention and feed-forward, each with its residual."""

    def __init__(self, hparams: Mapping[str, float]) -> None:
        super().__init__()
        hidden, eps = int(hparams["hidden"]), float(hparams["rms_eps"])
        self.input_layernorm = nn.RMSNorm(hidden, eps)
        self.self_attn = Attention(hparams)
        self.post_attention_layernorm = nn.RMSNorm(hidden, eps)
        self.mlp = FeedForward(hparams)

    def forward(self, values: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        values = values + self.self_attn(self.input_layernorm(values), cos, sin)
        return values + self.mlp(self.post_attention_layernorm(values))


class Decoder(nn.Module):
    """Embedding, layers, last norm."""

    def __init__(self, hparams: Mapping[str, float]) -> None:
        super().__init__()
        hidden = int(hparams["hidden"])
        self.embed_tokens = Embedding(int(hparams["vocab"]), hidden)
        self.layers = nn.ModuleList(Layer(hparams) for _ in range(int(hparams["layers"])))
        self.norm = nn.RMSNorm(hidden, float(hparams["rms_eps"]))
        head = hidden // int(hparams["heads"])
        frequencies = float(hparams["rope_theta"]) ** -(torch.arange(0, head, 2, dtype=torch.float64) / head)
        angles = torch.arange(_POSITIONS, dtype=torch.float64)[:, None] * frequencies.repeat(2)
        self.register_buffer("cos", angles.cos().float(), persistent=False)
        self.register_buffer("sin", angles.sin().float(), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        length = ids.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        values = self.embed_tokens(ids)
        for layer in self.layers:
            values = layer(values, cos, sin)
        return self.norm(values)


class Llama(nn.Module):
    """The decoder with its head tied to the embedding: ids [batch, length] to logits [batch, length, vocab]."""

    def __init__(self, hparams: Mapping[str, float]) -> None:
        super().__init__()
        self.model = Decoder(hparams)

    def forward(self, ids: Tensor) -> Tensor:
        return functional.linear(self.model(ids), self.model.embed_tokens.weight)


def _rotate(values: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotates the pairs (i, i + head/2)."""
    first, second = values.chunk(2, -1)
    return values * cos + torch.cat((-second, first), -1) * sin
