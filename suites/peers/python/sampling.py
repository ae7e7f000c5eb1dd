"""Warm-up and samples of one program, as the protocol prescribes. Raw times only."""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

from framework import Program
from protocol import Output

_LAST = 10  # iterations over which a pace is judged
_TELL_NS = 1_000_000_000  # progress once a second: a file is written between samples, inside the bracket


def _settled(times: list[int]) -> bool:
    if len(times) < 2 * _LAST:
        return False
    latest, earlier = statistics.median(times[-_LAST:]), statistics.median(times[-2 * _LAST : -_LAST])
    return abs(latest / earlier - 1) <= 0.01


def warm_up(program: Program, plan: dict[str, Any]) -> tuple[list[int], bool]:
    """Times of the untimed iterations, and whether the pace settled (true when that was not asked for)."""
    times: list[int] = []
    spent = 0
    while True:
        times.append(program.timed(len(times)))
        spent += times[-1]
        if len(times) < plan["warmup_iterations"] or spent < plan["warmup_ns"]:
            continue
        if not plan["steady"] or _settled(times):
            return times, True
        if spent >= plan["warmup_cap_ns"]:
            return times, False


def sample(
    name: str, program: Program, final_set: int, plan: dict[str, Any], output: Output, reset: Callable[[], None]
) -> dict[str, Any]:
    """Warms up, resets and samples. Every clock starts and stops with the device idle."""
    output.progress("warmup", program=name)
    warm, steady = warm_up(program, plan)
    pace = statistics.median(warm[-_LAST:])
    batch = max(1, math.ceil(plan["sample_ns"] / pace))
    count = max(plan["samples"], math.ceil(plan["samples_ns"] / (batch * pace)))
    start = time.perf_counter_ns()
    program.read_back()
    readback_ns = time.perf_counter_ns() - start
    reset()

    samples: list[int] = []
    iteration = final_set + 1 - count * batch  # so that the last one runs final_set
    first = told = time.perf_counter_ns()
    for _ in range(count):
        start = time.perf_counter_ns()
        for _ in range(batch):
            program.run(iteration)
            iteration += 1
        program.wait()
        samples.append(time.perf_counter_ns() - start)
        if start - told >= _TELL_NS:
            told = start
            output.progress("sample", program=name, done=len(samples), of=count, last_ns=samples[-1])
    program.read_back()
    bracket_ns = time.perf_counter_ns() - first
    return {
        "warmup_iterations": len(warm),
        "warmup_ns": sum(warm),
        "steady": steady,
        "inner_batch": batch,
        "samples_ns": samples,
        "bracket_ns": bracket_ns,
        "readback_ns": readback_ns,
        "poisoned": False,
    }
