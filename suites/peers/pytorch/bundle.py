"""A case bundle as PyTorch sees it: the model with its weights, the inputs, the outputs file.

Weights go from the file into the parameters and outputs from tensors into files with no copy in between: the protocol asks for
the peak of resident memory, which should be the framework's and not the adapter's.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from llama import Llama
from protocol import Exit, Failure

_ARCHITECTURES = {"llama": Llama}
_TYPES = {torch.float64: "F64", torch.float32: "F32"}


def load_model(case: Path) -> nn.Module:
    """The model of case.json with the parameters of weights.safetensors, resident."""
    try:
        description = json.loads((case / "case.json").read_text())
        architecture, hparams = description["arch"], description["hparams"]
    except (OSError, ValueError, KeyError) as error:
        raise Failure(Exit.BAD_CASE, f"{case}/case.json: {error!r}") from error
    if architecture not in _ARCHITECTURES:
        raise Failure(Exit.UNSUPPORTED, f"architecture {architecture}; there are {', '.join(_ARCHITECTURES)}")
    model = _ARCHITECTURES[architecture](hparams)
    reset(model, case)
    return model


def reset(model: nn.Module, case: Path) -> None:
    """Reads the bundle's bytes into the parameters; a missing, surplus or misshapen tensor is an error."""
    path = case / "weights.safetensors"
    parameters = dict(model.named_parameters())
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            entries = json.loads(file.read(length))
            entries.pop("__metadata__", None)
            _require_fit(path, entries, parameters)
            for name, parameter in parameters.items():
                file.seek(8 + length + entries[name]["data_offsets"][0])
                values = parameter.detach().numpy()
                if file.readinto(values) != values.nbytes:
                    raise Failure(Exit.BAD_CASE, f"{path} ends within {name}")
    except (OSError, ValueError, KeyError) as error:
        raise Failure(Exit.BAD_CASE, f"{path}: {error!r}") from error


def _require_fit(path: Path, entries: dict[str, Any], parameters: dict[str, nn.Parameter]) -> None:
    if entries.keys() != parameters.keys():
        odd = sorted(entries.keys() ^ parameters.keys())
        raise Failure(Exit.BAD_CASE, f"{path}: missing or surplus tensors: {', '.join(odd[:5])} ({len(odd)} in all)")
    for name, parameter in parameters.items():
        found, wanted = entries[name], list(parameter.shape)
        if found["dtype"] != "F32" or found["shape"] != wanted:
            raise Failure(Exit.BAD_CASE, f"{path}: {name} is {found['dtype']} {found['shape']}, expected F32 {wanted}")


def load_inputs(case: Path) -> dict[str, Tensor]:
    """All inputs, resident."""
    path = case / "inputs.safetensors"
    try:
        return {name: value.clone() for name, value in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise Failure(Exit.BAD_CASE, f"{path}: {error}") from error


class Spool:
    """Tensors on their way to outputs.safetensors, each in a file of its own until all are there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[str, tuple[str, list[int], Path]] = {}

    def put(self, name: str, value: Tensor) -> None:
        """Writes the tensor as it is now."""
        part = self._folder / f"{len(self._parts)}.part"
        values = value.detach().contiguous()
        values.numpy().tofile(part)
        self._parts[name] = (_TYPES[values.dtype], list(values.shape), part)

    def finish(self, nonce: str) -> None:
        """Joins the parts: F64 first, so that everything lies aligned, then by name."""
        order = sorted(self._parts, key=lambda name: (self._parts[name][0] != "F64", name))
        header: dict[str, Any] = {"__metadata__": {"nonce": nonce}}
        offset = 0
        for name in order:
            dtype, shape, part = self._parts[name]
            end = offset + part.stat().st_size
            header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, end]}
            offset = end
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        partial = self._folder / "outputs.safetensors.partial"
        with open(partial, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for name in order:
                part = self._parts[name][2]
                with open(part, "rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
                part.unlink()
        os.replace(partial, self._folder / "outputs.safetensors")
