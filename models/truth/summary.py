"""Summaries of big tensors: seeded samples, a count-sketch, the norm. README.md, "Summaries", is the specification."""

import numpy as np

from synthetic import fnv1a64, mix64, outputs

BUCKETS = 1024
OUTPUT_SAMPLES = 4096
PARAMETER_SAMPLES = 256
FULL_OUTPUT_BYTES = 8 << 20
FULL_PARAMETER_VALUES = BUCKETS + PARAMETER_SAMPLES  # up to here the whole tensor is no larger than its summary
_CHUNK = 1 << 18  # values at a time: 2 MiB temporaries stay near the cache


def sample_indices(key: str, size: int, count: int) -> np.ndarray:
    """`count` flat indices into `size` values, in drawing order, repeats allowed."""
    return ((outputs(fnv1a64(key), 0, count) >> np.uint64(33)) % np.uint64(size)).astype(np.int64)


def sketch(key: str, values: np.ndarray) -> np.ndarray:
    """The count-sketch (Charikar, Chen and Farach-Colton 2002), one row: linear, and it keeps the L2 norm."""
    flat = values.reshape(-1)
    seed = np.uint64(fnv1a64(key))
    result = np.zeros(BUCKETS, dtype=np.float64)
    for start in range(0, flat.size, _CHUNK):
        part = flat[start : start + _CHUNK].astype(np.float64)
        hashes = mix64(np.arange(start, start + part.size, dtype=np.uint64) ^ seed)
        np.negative(part, out=part, where=(hashes >> np.uint64(63)).astype(bool))
        result += np.bincount((hashes & np.uint64(BUCKETS - 1)).astype(np.int64), weights=part, minlength=BUCKETS)
    return result


def norm(values: np.ndarray) -> float:
    """The L2 norm in float64."""
    flat = values.reshape(-1)
    total = 0.0
    for start in range(0, flat.size, _CHUNK):
        part = flat[start : start + _CHUNK].astype(np.float64)
        total += float(np.square(part).sum())
    return total**0.5


def relative_l2(candidate: np.ndarray, reference: np.ndarray) -> float:
    """||candidate - reference|| / ||reference||, in float64."""
    flat_candidate, flat_reference = candidate.reshape(-1), reference.reshape(-1)
    difference = square = 0.0
    for start in range(0, flat_reference.size, _CHUNK):
        expected = flat_reference[start : start + _CHUNK].astype(np.float64)
        gap = flat_candidate[start : start + _CHUNK].astype(np.float64) - expected
        difference += float(np.square(gap).sum())
        square += float(np.square(expected).sum())
    return (difference / square) ** 0.5


def summarize(key: str, values: np.ndarray, samples: int, full_values: int) -> dict[str, np.ndarray]:
    """What expected.safetensors holds under a key: all values when they are few, else their summary."""
    if values.size <= full_values:
        return {key: np.ascontiguousarray(values, dtype=np.float64)}
    flat = values.reshape(-1)
    return {
        f"{key}.maxabs": np.array(max(flat.max(), -flat.min()), dtype=np.float64),
        f"{key}.norm": np.array(norm(flat), dtype=np.float64),
        f"{key}.sample": flat[sample_indices(key, flat.size, samples)].astype(np.float64),
        f"{key}.sketch": sketch(key, flat),
    }


def summarize_output(key: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """An output: full up to 8 MiB of float64."""
    return summarize(key, values, OUTPUT_SAMPLES, FULL_OUTPUT_BYTES // 8)


def summarize_parameter(key: str, values: np.ndarray, full: bool = False) -> dict[str, np.ndarray]:
    """A gradient or an update of one parameter: full when that is no larger than the summary, or when asked."""
    return summarize(key, values, PARAMETER_SAMPLES, values.size if full else FULL_PARAMETER_VALUES)


def summarize_logits(key: str, logits: np.ndarray) -> dict[str, np.ndarray]:
    """logsumexp and the eight largest logits, largest first, of every position."""
    largest = logits.max(axis=-1, keepdims=True)
    logsumexp = (largest + np.log(np.exp(logits - largest).sum(axis=-1, keepdims=True)))[..., 0]
    identifiers = np.argsort(-logits, axis=-1, kind="stable")[..., :8]
    return {
        f"{key}.logsumexp": logsumexp,
        f"{key}.top8.ids": identifiers.astype(np.int64),
        f"{key}.top8.values": np.take_along_axis(logits, identifiers, axis=-1),
    }
