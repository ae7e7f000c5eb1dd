"""A Llama decoder as a function of its parameters, named as those of a bundle are."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

Parameters = Mapping[str, Array]


class Llama:
    """The decoder with its head tied to the embedding."""

    def __init__(self, hparams: Mapping[str, Any]) -> None:
        self.hidden, self.layers, self.heads, self.kv_heads, self.ffn, self.vocab = (
            int(hparams[name]) for name in ("hidden", "layers", "heads", "kv_heads", "ffn", "vocab")
        )
        self.head = self.hidden // self.heads
        self.eps, self.theta = float(hparams["rms_eps"]), float(hparams["rope_theta"])

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter; matrices are [outputs, inputs]."""
        narrow = self.kv_heads * self.head
        layer = {
            "input_layernorm": (self.hidden,),
            "self_attn.q_proj": (self.hidden, self.hidden),
            "self_attn.k_proj": (narrow, self.hidden),
            "self_attn.v_proj": (narrow, self.hidden),
            "self_attn.o_proj": (self.hidden, self.hidden),
            "post_attention_layernorm": (self.hidden,),
            "mlp.gate_proj": (self.ffn, self.hidden),
            "mlp.up_proj": (self.ffn, self.hidden),
            "mlp.down_proj": (self.hidden, self.ffn),
        }
        shapes = {f"model.layers.{i}.{name}.weight": shape for i in range(self.layers) for name, shape in layer.items()}
        return {"model.embed_tokens.weight": (self.vocab, self.hidden)} | shapes | {"model.norm.weight": (self.hidden,)}

    def logits(self, parameters: Parameters, ids: Array) -> Array:
        """Ids [batch, length] to logits [batch, length, vocab]."""
        embedding = parameters["model.embed_tokens.weight"]
        cos, sin = self._rotations(ids.shape[1])
        values = embedding[ids]
        for number in range(self.layers):
            prefix = f"model.layers.{number}."
            layer = {key.removeprefix(prefix): value for key, value in parameters.items() if key.startswith(prefix)}
            values = values + self._attention(layer, self._norm(values, layer["input_layernorm.weight"]), cos, sin)
            values = values + _feed_forward(layer, self._norm(values, layer["post_attention_layernorm.weight"]))
        return _linear(self._norm(values, parameters["model.norm.weight"]), embedding)

    def _norm(self, values: Array, gain: Array) -> Array:
        return values * jax.lax.rsqrt(jnp.mean(values * values, axis=-1, keepdims=True) + self.eps) * gain

    def _attention(self, layer: Parameters, values: Array, cos: Array, sin: Array) -> Array:
        batch, length, _ = values.shape
        queries = _linear(values, layer["self_attn.q_proj.weight"]).reshape(batch, length, self.heads, self.head)
        keys = _linear(values, layer["self_attn.k_proj.weight"]).reshape(batch, length, self.kv_heads, self.head)
        shared = _linear(values, layer["self_attn.v_proj.weight"]).reshape(batch, length, self.kv_heads, self.head)
        queries, keys = _rotate(queries, cos, sin), _rotate(keys, cos, sin)
        mixed = jax.nn.dot_product_attention(queries, keys, shared, is_causal=True)
        return _linear(mixed.reshape(batch, length, self.hidden), layer["self_attn.o_proj.weight"])

    def _rotations(self, length: int) -> tuple[Array, Array]:
        """Cosines and sines [length, 1, head], computed in double precision."""
        frequencies = self.theta ** -(np.arange(0, self.head, 2) / self.head)
        angles = np.arange(length)[:, None, None] * np.tile(frequencies, 2)
        return jnp.asarray(np.cos(angles), jnp.float32), jnp.asarray(np.sin(angles), jnp.float32)


def _linear(values: Array, weight: Array) -> Array:
    return jnp.einsum("...i,oi->...o", values, weight)


def _feed_forward(layer: Parameters, values: Array) -> Array:
    gate = jax.nn.silu(_linear(values, layer["mlp.gate_proj.weight"]))
    return _linear(gate * _linear(values, layer["mlp.up_proj.weight"]), layer["mlp.down_proj.weight"])


def _rotate(values: Array, cos: Array, sin: Array) -> Array:
    """Rotates the pairs (i, i + head/2)."""
    first, second = jnp.split(values, 2, axis=-1)
    return values * cos + jnp.concatenate((-second, first), axis=-1) * sin
