"""What the adapter protocol says, apart from any framework: exit codes, progress, files that appear whole."""

import functools
import json
import os
import subprocess
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any


class Exit(IntEnum):
    """Exit codes of the protocol."""

    OK = 0
    UNSUPPORTED = 64
    BAD_CASE = 65
    NO_DEVICE = 69
    INTERNAL = 70


class Failure(Exception):
    """A failure that has an exit code."""

    def __init__(self, code: Exit, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Output:
    """The folder that a unit writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Writes under another name, then renames."""
        partial = self.folder / f"{name}.partial"
        partial.write_text(json.dumps(content, indent=1) + "\n")
        os.replace(partial, self.folder / name)

    def progress(self, phase: str, **facts: object) -> None:
        """One line for whoever watches."""
        with open(self.folder / "progress.jsonl", "a") as file:
            file.write(json.dumps({"phase": phase, **facts}) + "\n")


def host_peak_bytes() -> int | None:
    """Peak resident memory of this process; None where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    for line in status.read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def processor_name() -> str:
    """The processor as the system calls it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "cpu")


@functools.cache
def nvidia_facts(index: int) -> dict[str, str]:
    """Driver and UUID of an NVIDIA GPU, counted by bus as CUDA_DEVICE_ORDER=PCI_BUS_ID does; none where nobody tells."""
    query = ["nvidia-smi", f"--id={index}", "--query-gpu=driver_version,uuid", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(zip(("driver", "uuid"), (field.strip() for field in answer.split(",")), strict=False))


def cuda_index(device: str, names: Callable[[], list[str]]) -> int | None:
    """The number of the CUDA device that a request names by number or by a part of its name; None for the CPU."""
    kind, _, which = device.partition(":")
    if device == "cpu":
        return None
    if kind != "cuda":
        raise Failure(Exit.NO_DEVICE, f"device {device}: this adapter runs on cpu and cuda")
    found = names()
    for index, name in enumerate(found):
        if which == str(index) or (not which.isdecimal() and which.lower() in name.lower()):
            return index
    raise Failure(Exit.NO_DEVICE, f"no CUDA device {which}; there is {', '.join(found) or 'none'}")
