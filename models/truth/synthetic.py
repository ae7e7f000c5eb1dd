"""Tensors that any language regenerates bit for bit: README.md, "Synthetic tensors", is the specification."""

from enum import Enum

import numpy as np

SEED = 1
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_LANES = np.uint64(0x0000FFFF0000FFFF)
_CHUNK = 1 << 18  # values at a time: 6 MiB temporaries stay near the cache


class Kind(Enum):
    """What a tensor is for, which fixes its distribution."""

    WEIGHT = "weight"
    RESIDUAL_WEIGHT = "residual_weight"
    EMBEDDING = "embedding"
    GAIN = "gain"
    RESIDUAL_GAIN = "residual_gain"
    BIAS = "bias"
    RUNNING_MEAN = "running_mean"
    RUNNING_VARIANCE = "running_variance"
    NORMAL = "normal"


_RESIDUAL_MODULES = {"o_proj", "down_proj", "out_proj", "fc2"}


def kind_of(name: str, rank: int) -> Kind:
    """The kind that a parameter's name and rank imply, for names that follow Hugging Face's habits."""
    parts = name.split(".")
    leaf, module = parts[-1], parts[-2]
    if leaf == "running_mean":
        return Kind.RUNNING_MEAN
    if leaf == "running_var":
        return Kind.RUNNING_VARIANCE
    if leaf == "bias":
        return Kind.BIAS
    if rank == 1:
        return Kind.GAIN
    if module.startswith("embed"):
        return Kind.EMBEDDING
    return Kind.RESIDUAL_WEIGHT if module in _RESIDUAL_MODULES else Kind.WEIGHT


def fnv1a64(text: str) -> int:
    """FNV-1a, 64 bits, over the UTF-8 bytes."""
    digest = 0xCBF29CE484222325
    for byte in text.encode():
        digest = (digest ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return digest


def mix64(values: np.ndarray) -> np.ndarray:
    """The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), element by element on uint64."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def outputs(state: int, start: int, count: int) -> np.ndarray:
    """Outputs number start .. start+count-1 of SplitMix64 from a state; the first is number 0."""
    steps = np.arange(start + 1, start + count + 1, dtype=np.uint64)
    return mix64(np.uint64(state) + steps * _GAMMA)


def stream_state(name: str, seed: int = SEED) -> int:
    """The state from which a tensor's stream starts."""
    return seed ^ fnv1a64(name)


def standard(name: str, count: int, seed: int = SEED) -> np.ndarray:
    """z: Irwin-Hall of twelve 16-bit integers, mean 0, variance 1, exact in float32."""
    state = stream_state(name, seed)
    result = np.empty(count, dtype=np.float32)
    for start in range(0, count, _CHUNK):
        size = min(_CHUNK, count - start)
        words = outputs(state, 3 * start, 3 * size)
        pairs = (words & _LANES) + (words >> np.uint64(16) & _LANES)  # two sums of two fields, 32 bits apart
        pairs = pairs[0::3] + pairs[1::3] + pairs[2::3]
        sums = (pairs + (pairs >> np.uint64(32)) & np.uint64(0xFFFFFFFF)).astype(np.int32)
        result[start : start + size] = (sums - 393210).astype(np.float32) * np.float32(2.0**-16)
    return result


def weight_exponent(fan_in: int) -> int:
    """round(log2(1/sqrt(fan_in))), halves up: minus the least j with 2 * 4^j >= fan_in. No libm."""
    exponent = 0
    while 2 * 4**exponent < fan_in:
        exponent += 1
    return -exponent


def tensor(name: str, shape: tuple[int, ...], kind: Kind, seed: int = SEED) -> np.ndarray:
    """The float32 tensor of a name, a shape and a kind."""
    z = standard(name, int(np.prod(shape)), seed).reshape(shape)
    match kind:
        case Kind.WEIGHT | Kind.RESIDUAL_WEIGHT:
            exponent = weight_exponent(int(np.prod(shape[1:])))
            return z * np.float32(2.0 ** (exponent - (2 if kind is Kind.RESIDUAL_WEIGHT else 0)))
        case Kind.EMBEDDING | Kind.RUNNING_MEAN:
            return z * np.float32(2.0**-4)
        case Kind.GAIN:
            return np.float32(1) + z * np.float32(2.0**-4)
        case Kind.RESIDUAL_GAIN:
            return (np.float32(1) + z * np.float32(2.0**-4)) * np.float32(2.0**-2)
        case Kind.BIAS:
            return z * np.float32(2.0**-6)
        case Kind.RUNNING_VARIANCE:
            return np.float32(1) + np.abs(z) * np.float32(2.0**-3)
        case Kind.NORMAL:
            return z


def integers(name: str, shape: tuple[int, ...], modulus: int, seed: int = SEED) -> np.ndarray:
    """Identifiers or labels: (output >>> 33) mod modulus."""
    draws = outputs(stream_state(name, seed), 0, int(np.prod(shape))) >> np.uint64(33)
    return (draws % np.uint64(modulus)).astype(np.int64).reshape(shape)


def for_set(name: str, index: int) -> str:
    """The name of a tensor in input set `index`: set 0 has no suffix, the others end in @index."""
    return name if index == 0 else f"{name}@{index}"
