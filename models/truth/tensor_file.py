"""safetensors files with one byte layout for each content: README.md, "Tensor files", is the specification."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

_NAMES = {"<f8": "F64", "<f4": "F32", "<i8": "I64"}
_TYPES = {name: np.dtype(code) for code, name in _NAMES.items()}

Entry = tuple[str, tuple[int, ...], str, Callable[[], np.ndarray]]


def write(path: Path, tensors: dict[str, np.ndarray]) -> None:
    """Writes tensors that are in memory."""
    write_lazily(path, [(n, t.shape, t.dtype.str, lambda t=t: t) for n, t in tensors.items()])


def write_lazily(path: Path, entries: Iterable[Entry]) -> dict[str, str]:
    """Writes (name, shape, numpy type, supplier) entries; answers the SHA-256 of each tensor's bytes."""
    ordered = sorted(entries, key=lambda entry: entry[0].encode())
    header: dict[str, object] = {}
    offset = 0
    for name, shape, code, _ in ordered:
        end = offset + int(np.prod(shape, dtype=np.int64)) * np.dtype(code).itemsize
        header[name] = {"dtype": _NAMES[code], "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    digests: dict[str, str] = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        for name, shape, code, supplier in ordered:
            values = np.asarray(supplier(), order="C")
            if values.shape != tuple(shape) or values.dtype.str != code:
                raise ValueError(f"{name}: declared {code}{shape}, supplied {values.dtype.str}{values.shape}")
            data = values.tobytes()
            digests[name] = hashlib.sha256(data).hexdigest()
            file.write(data)
    return digests


def read(path: Path) -> dict[str, np.ndarray]:
    """Maps a file: name to read-only array, nothing is copied until it is touched."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length)
    tensors: dict[str, np.ndarray] = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = data[begin:end].view(_TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def sha256(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
