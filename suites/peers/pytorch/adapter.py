"""PyTorch behind the adapter protocol (../PROTOCOL.md): reports raw times and raw tensors, and no verdict."""

import argparse
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from protocol import Exit, Failure, Output, host_peak_bytes, processor_name

PROTOCOL = 1
VARIANTS = {"eager": "eager", "compile": "compiled"}


def identify(request: dict[str, Any]) -> dict[str, Any]:
    """The facts that every result holds; refuses what cannot be done here."""
    import torch

    if request["protocol"] != PROTOCOL:
        raise Failure(Exit.UNSUPPORTED, f"protocol {request['protocol']}; this adapter speaks {PROTOCOL}")
    if request["device"] != "cpu":
        raise Failure(Exit.NO_DEVICE, f"device {request['device']}: this adapter runs on cpu only")
    if request["precision"] != "fp32":
        raise Failure(Exit.UNSUPPORTED, f"precision {request['precision']}: this adapter computes in fp32 only")
    variant = request["variant"]
    if variant not in VARIANTS:
        raise Failure(Exit.UNSUPPORTED, f"variant {variant}; there are {', '.join(VARIANTS)}")
    if variant == "compile" and not (shutil.which("g++") or shutil.which("clang++")):
        raise Failure(Exit.UNSUPPORTED, "torch.compile on a CPU needs g++ (Debian: apt-get install g++)")
    threads = request["threads"]
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    torch.set_float32_matmul_precision("highest")
    torch.manual_seed(request["seed"])
    return {
        "protocol": PROTOCOL,
        "nonce": request["nonce"],
        "framework": {
            "name": "pytorch",
            "version": torch.__version__,
            "variant": variant,
            "backend": "cpu",
            "exec_mode": VARIANTS[variant],
            "precision_declared": "fp32",
            "flags": {
                "capability": torch.backends.cpu.get_cpu_capability(),
                "mkldnn": str(torch.backends.mkldnn.is_available()),
                "interop_threads": "1",
            },
        },
        "device": {"id": "cpu", "kind": "cpu", "name": processor_name(), "driver": "", "threads": torch.get_num_threads()},
    }


class Unit:
    """Everything that one process does after it has said what it is."""

    def __init__(self, case: Path, mode: str, request: dict[str, Any], output: Output) -> None:
        self.case = case
        self.mode = mode
        self.request = request
        self.output = output
        self.programs: dict[str, Any] = {}
        self.metrics: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        """Loads, runs every program to its end, writes the outputs; answers the result's fields."""
        import bundle

        self.output.progress("load")
        start = time.perf_counter_ns()
        model = bundle.load_model(self.case)
        load_ns = time.perf_counter_ns() - start
        inputs = bundle.load_inputs(self.case)
        self.spool = bundle.Spool(self.output.folder)
        for spec in self.request["programs"]:
            self._program(model, spec, inputs)
        if self.mode != "compile":
            self.output.progress("outputs")
            self.spool.finish(self.request["nonce"])
        return {"load_ns": load_ns, "programs": self.programs, "metrics": self.metrics, "notes": []}

    def _program(self, model: Any, spec: dict[str, Any], inputs: dict[str, Any]) -> None:
        import bundle
        import programs
        import sampling

        name, final = spec["name"], spec["final_set"]
        self.output.progress("compile", program=name)
        lazy = self.request["variant"] == "compile"
        program = programs.create(model, self._callable(model), spec, inputs)
        first = _timed(program.run, final)
        second = _timed(program.run, final) if lazy else first
        facts = {"compile_ns": max(0, first - second) if lazy else 0, "first_run_ns": second, "lazy_compile": lazy}
        self.programs[name] = facts
        if self.mode == "bench" and spec["metric"]:
            plan = self.request["sampling"]
            self.metrics[spec["metric"]] = sampling.sample(
                name, program.run, program.read_back, final, plan, self.output
            )
        facts["host_peak_bytes"] = host_peak_bytes()
        if self.mode != "compile":
            self._keep(program, model, spec)
        model.zero_grad(set_to_none=True)
        if spec["kind"] == "train_sgd":
            bundle.reset(model, self.case)

    def _keep(self, program: Any, model: Any, spec: dict[str, Any]) -> None:
        """Spools the outputs: what was timed, or in mode verify and for updates what a run of their own gives."""
        import bundle

        name = spec["name"]
        if spec["kind"] == "train_sgd":
            if spec["metric"] in self.metrics:
                self.spool.put(f"{name}/timed_loss", program.loss.double().reshape(1))
            bundle.reset(model, self.case)
        elif self.mode == "verify":
            program.run(spec["final_set"])
        for key, value in program.tensors().items():
            self.spool.put(f"{name}/{key}", value)

    def _callable(self, model: Any) -> Callable[[Any], Any]:
        import torch

        if self.request["variant"] == "eager":
            return model
        # Programs differ in grad mode and shapes: one compilation each, as a user would have who runs only one.
        torch._dynamo.reset()
        return torch.compile(model, dynamic=False)


def _timed(run: Callable[[int], None], number: int) -> int:
    start = time.perf_counter_ns()
    run(number)
    return time.perf_counter_ns() - start


def perform(arguments: argparse.Namespace, output: Output) -> None:
    """Does the unit that the request describes."""
    request = json.loads(arguments.request.read_text())
    if request.get("cache_dir"):
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path(request["cache_dir"]) / "inductor"))
    result = identify(request)
    if arguments.mode != "probe":
        result |= Unit(arguments.case, arguments.mode, request, output).run()
    output.write_json("result.json", result)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", type=int, choices=[PROTOCOL], required=True)
    parser.add_argument("--case", type=Path, required=True)
    parser.add_argument("--mode", choices=["probe", "compile", "verify", "bench"], required=True)
    parser.add_argument("--request", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    output = Output(arguments.out)
    try:
        perform(arguments, output)
        return Exit.OK
    except Failure as failure:
        print(failure, file=sys.stderr)
        output.write_json("result.json", {"protocol": PROTOCOL, "reason": str(failure)})
        return failure.code
    except Exception:
        traceback.print_exc()
        return Exit.INTERNAL


if __name__ == "__main__":
    sys.exit(main())
