"""What one process does, in the protocol's order, whatever the framework."""

import argparse
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import sampling
import tensors
from framework import Framework, Program, elapsed_ns
from protocol import Exit, Failure, Output, host_peak_bytes

PROTOCOL = 1


class Unit:
    """Everything that one process does after it has said what it is."""

    def __init__(self, framework: Framework, mode: str, request: dict[str, Any], output: Output) -> None:
        self.framework = framework
        self.mode = mode
        self.request = request
        self.output = output
        self.spool = tensors.Spool(output.folder)
        self.programs: dict[str, Any] = {}
        self.metrics: dict[str, Any] = {}

    def run(self, case: Path) -> dict[str, Any]:
        """Loads, runs every program to its end, writes the outputs; answers the result's fields."""
        self.output.progress("load")
        load_ns = elapsed_ns(lambda: self.framework.load(case))
        self.framework.load_inputs()
        for spec in self.request["programs"]:
            self._program(spec)
        if self.mode != "compile":
            self.output.progress("outputs")
            self.spool.finish(self.request["nonce"])
        return {"load_ns": load_ns, "programs": self.programs, "metrics": self.metrics, "notes": []}

    def _program(self, spec: dict[str, Any]) -> None:
        name, final = spec["name"], spec["final_set"]
        self.output.progress("compile", program=name)
        program = self.framework.program(spec)
        facts = self.programs[name] = _compile(program, final)
        if self.mode == "bench" and spec["metric"]:
            plan = self.request["sampling"]
            reset = (lambda: self._begin_anew(program)) if spec["kind"] == "train_sgd" else (lambda: None)
            self.metrics[spec["metric"]] = sampling.sample(name, program, final, plan, self.output, reset)
        facts["host_peak_bytes"] = host_peak_bytes()
        facts["device_peak_bytes"] = self.framework.device_peak_bytes()
        if self.mode != "compile":
            self._keep(program, spec)
        self.framework.release()
        if spec["kind"] == "train_sgd":
            self.framework.reset()

    def _begin_anew(self, program: Program) -> None:
        """At the rate of the case, training for as long as a clock asks could end in no number. What a step does the first
        time behind a reset is not a step's work."""
        self.framework.reset()
        program.timed(0)

    def _keep(self, program: Program, spec: dict[str, Any]) -> None:
        """Spools the outputs: what was timed, or in mode verify and for updates what a run of their own gives."""
        name = spec["name"]
        if spec["kind"] == "train_sgd":
            if spec["metric"] in self.metrics:
                self.spool.put(f"{name}/timed_loss", program.timed_loss())
            self.framework.reset()
        elif self.mode == "verify":
            program.timed(spec["final_set"])
        for key, value in program.tensors().items():
            self.spool.put(f"{name}/{key}", value)


def _compile(program: Program, number: int) -> dict[str, Any]:
    """Compiles and runs once. What compiles in its first calls takes there what they take beyond the call after them."""
    start = time.perf_counter_ns()
    ahead = time.perf_counter_ns() - start if program.compile() else 0
    *lazy, first_run = (program.timed(number) for _ in range(program.lazy_calls + 1))
    overtime = sum(max(0, call - first_run) for call in lazy)
    return {"compile_ns": overtime if lazy else ahead, "first_run_ns": first_run, "lazy_compile": bool(lazy)}


def _perform(framework: Framework, arguments: argparse.Namespace, output: Output) -> None:
    request = json.loads(arguments.request.read_text())
    if request["protocol"] != PROTOCOL:
        raise Failure(Exit.UNSUPPORTED, f"protocol {request['protocol']}; this adapter speaks {PROTOCOL}")
    result = {"protocol": PROTOCOL, "nonce": request["nonce"]} | framework.identify(request)
    if arguments.mode != "probe":
        result |= Unit(framework, arguments.mode, request, output).run(arguments.case)
    output.write_json("result.json", result)


def main(framework: Framework, description: str | None) -> int:
    """An adapter's command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--protocol", type=int, choices=[PROTOCOL], required=True)
    parser.add_argument("--case", type=Path, required=True)
    parser.add_argument("--mode", choices=["probe", "compile", "verify", "bench"], required=True)
    parser.add_argument("--request", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    output = Output(arguments.out)
    try:
        _perform(framework, arguments, output)
        return Exit.OK
    except Failure as failure:
        print(failure, file=sys.stderr)
        output.write_json("result.json", {"protocol": PROTOCOL, "reason": str(failure)})
        return failure.code
    except Exception:
        traceback.print_exc()
        return Exit.INTERNAL
