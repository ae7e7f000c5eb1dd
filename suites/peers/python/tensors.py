"""The files of a case bundle and of a unit, as numpy arrays.

Weights go from the file into memory that the framework owns and outputs into files with no copy in between: the protocol asks
for the peak of resident memory, which should be the framework's and not the adapter's. A mapped file would count as well.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocol import Exit, Failure

Array = NDArray[Any]

_CODES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4"}
_TYPES: dict[str, np.dtype[Any]] = {name: np.dtype(code) for name, code in _CODES.items()}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}


def describe(case: Path) -> dict[str, Any]:
    """case.json; what an adapter reads of it is there."""
    try:
        description = json.loads((case / "case.json").read_text())
        description["arch"], description["hparams"]
        return description
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(Exit.BAD_CASE, f"{case}/case.json: {error!r}") from error


def read_weights(case: Path, shapes: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[str, "Entry"]]:
    """Every parameter of the shapes with its place in weights.safetensors; a missing, surplus or misshapen one is an error."""
    path = case / "weights.safetensors"
    with _BadCase(path), open(path, "rb") as file:
        entries = _entries(file)
        if entries.keys() != shapes.keys():
            odd = sorted(entries.keys() ^ shapes.keys())
            raise Failure(Exit.BAD_CASE, f"{path}: missing or surplus tensors: {', '.join(odd[:5])} ({len(odd)} in all)")
        for name, shape in shapes.items():
            entry = entries[name]
            if entry.dtype != _TYPES["F32"] or entry.shape != shape:
                raise Failure(Exit.BAD_CASE, f"{path}: {name} is {entry.dtype} {entry.shape}, expected float32 {shape}")
        for name in shapes:
            yield name, entries[name]


def read_inputs(case: Path) -> dict[str, Array]:
    """All inputs."""
    path = case / "inputs.safetensors"
    with _BadCase(path), open(path, "rb") as file:
        return {name: entry.read() for name, entry in _entries(file).items()}


class Entry:
    """A tensor in an open file."""

    def __init__(self, file: Any, start: int, name: str, header: dict[str, Any]) -> None:
        self._file = file
        self._name = name
        self._start = start + header["data_offsets"][0]
        self.dtype = _TYPES[header["dtype"]]
        self.shape = tuple(header["shape"])

    def read_into(self, values: Array) -> None:
        """Reads its bytes into memory that is there."""
        self._file.seek(self._start)
        if self._file.readinto(values.data.cast("B")) != values.nbytes:
            raise Failure(Exit.BAD_CASE, f"{self._file.name} ends within {self._name}")

    def read(self) -> Array:
        """Reads it into an array of its own."""
        values = np.empty(self.shape, self.dtype)
        self.read_into(values)
        return values


def _entries(file: Any) -> dict[str, Entry]:
    length = int.from_bytes(file.read(8), "little")
    headers = json.loads(file.read(length))
    headers.pop("__metadata__", None)
    return {name: Entry(file, 8 + length, name, header) for name, header in headers.items()}


class _BadCase:
    """Whatever is wrong with a file is the case's fault."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (OSError, ValueError, KeyError)):
            raise Failure(Exit.BAD_CASE, f"{self._path}: {error!r}") from error


class Spool:
    """Tensors on their way to outputs.safetensors, each in a file of its own until all are there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[str, tuple[str, list[int], Path]] = {}

    def put(self, name: str, values: Array) -> None:
        """Writes the tensor as it is now."""
        part = self._folder / f"{len(self._parts)}.part"
        np.ascontiguousarray(values).tofile(part)
        self._parts[name] = (_NAMES[values.dtype], list(values.shape), part)

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
