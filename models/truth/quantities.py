"""Everything that a case checks, computed by one implementation and handed over tensor by tensor."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import step
import synthetic
import tensor_file
from cases import STEPS, Case
from step import Forward, Weights
from summary import relative_l2

Emit = Callable[[str, np.ndarray], None]


@dataclass(frozen=True)
class Losses:
    """The scalars, reported beside the tensors: native by input set, probe, and native before each SGD step."""

    native: list[float]
    probe: float
    steps: list[float]


@dataclass(frozen=True)
class Bundle:
    """The inputs of a case as they lie in its work folder."""

    case: Case
    work: Path

    def weights(self, dtype: torch.dtype) -> Weights:
        """The parameters."""
        stored = tensor_file.read(self.work / "weights.safetensors")
        return {name: torch.tensor(stored[name]).to(dtype) for name in self.case.config.shapes()}

    def input(self, name: str) -> Tensor:
        """One input."""
        return torch.tensor(tensor_file.read(self.work / "inputs.safetensors")[name])


def compute(
    bundle: Bundle, forward: Forward, weights: Weights, sets: int, emit: Emit, shift_labels: bool = False
) -> Losses:
    """Emits out.*, of the first `sets` input sets, grad.*, grad_native.* and delta3.*."""

    def labelled(index: int) -> tuple[Tensor, Tensor]:
        labels = bundle.input(synthetic.for_set("labels", index))
        return bundle.input(synthetic.for_set("input_ids", index)), labels.roll(-1, -1) if shift_labels else labels

    native: list[float] = []
    with torch.no_grad():
        for index in range(sets):
            ids, labels = labelled(index)
            logits = forward(weights, ids)
            native.append(step.native_loss(logits, labels).item())
            emit(synthetic.for_set("out.logits", index), logits.numpy())
        emit("out.latency.logits", forward(weights, bundle.input("latency.input_ids")).numpy())

    ids, labels = labelled(0)
    probe = bundle.input("probe.logits")
    probed, gradients = step.differentiate(forward, weights, ids, lambda logits: step.probe_loss(logits, probe))
    for name in list(gradients):
        emit(f"grad.{name}", gradients.pop(name).numpy())

    losses: list[float] = []
    after = weights
    for number in range(STEPS):
        loss, gradients = step.differentiate(forward, after, ids, lambda logits: step.native_loss(logits, labels))
        losses.append(loss)
        if number == 0:
            for name, gradient in gradients.items():
                emit(f"grad_native.{name}", gradient.numpy())
        after = step.descend(after, gradients, bundle.case.rate)
    for name in list(after):
        emit(f"delta3.{name}", (after.pop(name) - weights[name]).numpy())
    return Losses(native, probed, losses)


class Store:
    """Truth on disk, one .npy file a tensor: gigabytes that memory should not hold while others compute."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, values: np.ndarray) -> None:
        np.save(self.folder / f"{key}.npy", values)

    def get(self, key: str) -> np.ndarray:
        return np.load(self.folder / f"{key}.npy", mmap_mode="r")

    def require_identical(self, key: str, values: np.ndarray) -> None:
        if not np.array_equal(self.get(key), values):
            raise AssertionError(f"{key}: two runs differ")


class Comparison:
    """Collects the relative L2 error of every tensor against the truth."""

    def __init__(self, truth: Store) -> None:
        self._truth = truth
        self.errors: dict[str, float] = {}

    def emit(self, key: str, values: np.ndarray) -> None:
        error = relative_l2(values, self._truth.get(key))
        self.errors[key] = error if math.isfinite(error) else math.inf
