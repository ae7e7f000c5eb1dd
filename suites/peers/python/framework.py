"""What the order of a unit needs from a framework: two classes to fill in, and what both peers ask of a request."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from protocol import Exit, Failure

_TF32 = "-tf32"


class Program(ABC):
    """One program of a request with its input sets bound."""

    lazy_calls = 0  # first calls that compile; the one after them is the first run

    def compile(self) -> bool:
        """Compiles ahead of the first run; whether there was anything to do."""
        return False

    @abstractmethod
    def run(self, number: int) -> None:
        """Starts an iteration on set `number` modulo the number of sets."""

    @abstractmethod
    def wait(self) -> None:
        """Returns once the results of everything that was started are complete."""

    @abstractmethod
    def read_back(self) -> object:
        """Copies to the host what the latest iteration returned."""

    @abstractmethod
    def tensors(self) -> dict[str, Any]:
        """The latest iteration's tensors as numpy arrays, without the program's name. An updating program takes the spec's
        steps here, from the parameters as they are: the caller has reset them."""

    @abstractmethod
    def timed_loss(self) -> Any:
        """The loss of the latest iteration of an updating program, one F64."""

    def timed(self, number: int) -> int:
        """Nanoseconds of one iteration from an idle device to complete results."""
        return elapsed_ns(lambda: (self.run(number), self.wait()))


class Framework(ABC):
    """A framework under test."""

    @abstractmethod
    def identify(self, request: dict[str, Any]) -> dict[str, Any]:
        """Settles threads, device and arithmetic; answers `framework` and `device` of the result, after a probe `devices` too.
        Refuses what cannot be done here."""

    @abstractmethod
    def load(self, case: Path) -> None:
        """Weights from the file to where the device computes on them."""

    @abstractmethod
    def load_inputs(self) -> None:
        """Inputs likewise."""

    @abstractmethod
    def program(self, spec: dict[str, Any]) -> Program:
        """A program, not compiled."""

    @abstractmethod
    def reset(self) -> None:
        """The bundle's bytes back into the parameters."""

    @abstractmethod
    def release(self) -> None:
        """Lets go of what the latest program left behind."""

    @abstractmethod
    def device_peak_bytes(self) -> int | None:
        """Most bytes that tensors have taken on a device with memory of its own; None on a CPU."""


def elapsed_ns(action: Callable[[], object]) -> int:
    """What an action takes."""
    start = time.perf_counter_ns()
    action()
    return time.perf_counter_ns() - start


def arithmetic(request: dict[str, Any], modes: dict[str, str]) -> tuple[str, bool]:
    """The mode of the request's variant, and whether it is the mode's TF32 form, which there is on a GPU only."""
    variant = request["variant"]
    mode, tf32 = variant.removesuffix(_TF32), variant.endswith(_TF32)
    if mode not in modes:
        raise Failure(Exit.UNSUPPORTED, f"variant {variant}; there are {', '.join(modes)}, on a GPU also with {_TF32}")
    if tf32 and request["device"] == "cpu":
        raise Failure(Exit.UNSUPPORTED, f"variant {variant} needs a GPU: a CPU has no TF32")
    if request["precision"] != "fp32":
        raise Failure(Exit.UNSUPPORTED, f"precision {request['precision']}: the variant decides, fp32 or TF32")
    return mode, tf32


def input_sets(spec: dict[str, Any], inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """The sets of a program, each a model input's name to its value; refuses programs that no adapter here knows."""
    if spec["kind"] not in ("forward", "gradients", "train_sgd"):
        raise Failure(Exit.UNSUPPORTED, f"program {spec['name']} is of kind {spec['kind']}, which is not known here")
    if set(spec["outputs"]) - {"logits"}:
        raise Failure(Exit.UNSUPPORTED, f"program {spec['name']} asks for outputs {spec['outputs']}; there is only logits")
    missing = {tensor for names in spec["input_sets"] for tensor in names.values()} - set(inputs)
    if missing:
        raise Failure(Exit.BAD_CASE, f"inputs.safetensors lacks {', '.join(sorted(missing))}")
    return [{name: inputs[tensor] for name, tensor in names.items()} for names in spec["input_sets"]]
