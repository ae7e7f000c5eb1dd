"""Makes the bundle of one case: python generate.py tiny|s128 --work DIR"""

import argparse
import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

import casefile
import report
import rounding
import summary
import synthetic
import tensor_file
import tolerances
from bench import Bench
from cases import CASES, SETS, Case
from mutants import MUTANTS

LIFTED_LIMIT = 1e-12
SHIPPED_LIMIT = 1e-5
FP32_OUTPUT_LIMIT = 1e-4
SAME_TRUTH = 1e-12  # another processor sums in another order
COARSER = {"fp32": ("tf32", "f16", "bf16"), "tf32": ("bf16",), "f16": ("bf16",)}

Errors = dict[str, float]


def expected(bench: Bench, losses: dict) -> dict[str, np.ndarray]:
    """The content of expected.safetensors."""
    case, content = bench.case, {}
    for index in range(SETS):
        key = synthetic.for_set("out.logits", index)
        logits = bench.truth.get(key)
        content |= summary.summarize_output(key, logits) | summary.summarize_logits(key, logits)
    key = "out.latency.logits"
    content |= summary.summarize_output(key, bench.truth.get(key)) | summary.summarize_logits(key, bench.truth.get(key))
    for index, loss in enumerate(losses["native"]):
        content[synthetic.for_set("loss.native", index)] = np.array(loss)
    content |= {"loss.probe": np.array(losses["probe"]), "loss.steps": np.array(losses["steps"])}
    for family in ("grad", "grad_native", "delta3"):
        for name in case.config.shapes():
            key = f"{family}.{name}"
            full = case.full_gradients and family == "grad"
            content |= summary.summarize_parameter(key, bench.truth.get(key), full)
    return content


def write_truth(case: Case, content: dict[str, np.ndarray]) -> None:
    """Writes expected.safetensors, unless it holds the same truth already: bytes that are published stay."""
    path = case.resources / "expected.safetensors"
    if path.exists():
        held = tensor_file.read(path)
        if set(held) == set(content) and all(same(np.asarray(held[name]), content[name]) for name in content):
            return
    tensor_file.write(path, content)


def same(held: np.ndarray, found: np.ndarray) -> bool:
    return held.shape == found.shape and bool(
        np.linalg.norm((found - held).ravel()) <= SAME_TRUTH * np.linalg.norm(held.ravel())
    )


def accept(library: dict[str, Errors], fp32: Errors, margins: dict[str, tuple[float, str]]) -> None:
    """The conditions under which a bundle may be published."""
    worst = {name: max(errors.values()) for name, errors in library.items()}
    if worst["lifted_fp64"] > LIFTED_LIMIT or worst["shipped_fp64"] > SHIPPED_LIMIT:
        raise AssertionError(f"transformers disagrees: {worst}")
    outputs = max(error for key, error in fp32.items() if key.startswith("out."))
    if outputs > FP32_OUTPUT_LIMIT:
        raise AssertionError(f"fp32 outputs differ by {outputs}: the case is ill-conditioned")
    slipping = {name: margin for name, (margin, _) in margins.items() if margin < 2}
    if slipping:
        raise AssertionError(f"mutants within twice the limits: {slipping}")


def accept_classes(limits: dict[str, dict[str, tolerances.Limit]], anchors: dict[str, dict[str, Errors]]) -> None:
    """Every class admits what it is made from, and by their outputs tells coarser ones."""
    for name, by_group in limits.items():
        for which, errors in anchors[name].items():
            if max(tolerances.shares(by_group, errors).values()) > 1:
                raise AssertionError(f"{name} does not admit {which}")
        for coarser in COARSER.get(name, ()):
            for which, errors in anchors[coarser].items():
                outputs = [s for key, s in tolerances.shares(by_group, errors).items() if key.startswith("out.")]
                if max(outputs) <= 1:
                    raise AssertionError(f"the outputs of {coarser} {which} keep the limits of {name}")


def measure_anchors(bench: Bench) -> dict[str, dict[str, Errors]]:
    """Errors of accepted implementations, by precision class and name."""
    fp32 = {
        "torch_cpu": bench.cached("torch_cpu", bench.own_errors),
        "transformers_cpu": bench.cached("transformers_cpu", lambda: bench.library(torch.float32, False)),
    }
    return {"fp32": fp32} | {
        name: {"imitated": bench.cached(f"imitated_{name}", lambda: bench.own_errors(product))}
        for name, product in rounding.CLASSES.items()
    }


def smallest(bench: Bench, keys: list[str]) -> dict[str, int]:
    """The number of values in the smallest tensor of every group."""
    sizes: dict[str, int] = {}
    for key in keys:
        group, size = tolerances.group_of(key), int(np.prod(bench.truth.get(key).shape))
        sizes[group] = min(size, sizes.get(group, size))
    return sizes


def generate(case: Case, work: Path) -> None:
    """Runs every stage of a case and writes its resources."""
    bench = Bench(case, work)
    bench.cached("inputs", lambda: casefile.write_bundle_inputs(case, work))
    losses = bench.cached("truth", bench.make_truth)
    write_truth(case, expected(bench, losses))
    library = {
        "lifted_fp64": bench.cached("lifted_fp64", lambda: bench.library(torch.float64, True)),
        "shipped_fp64": bench.cached("shipped_fp64", lambda: bench.library(torch.float64, False)),
    }
    anchors = measure_anchors(bench)
    witnesses = {
        name: bench.cached(f"witness_{name}", lambda: bench.own_errors(product))
        for name, product in rounding.WITNESSES.items()
    }
    mutants = {m.name: bench.cached(f"mutant_{m.name}", lambda: m.measure(bench.bundle, bench.truth)) for m in MUTANTS}
    structural = {m.name: mutants[m.name] for m in MUTANTS if not m.subtle}
    sizes = smallest(bench, list(anchors["fp32"]["torch_cpu"]))
    limits = {
        name: tolerances.derive(found, mutants if name == "fp32" else structural, sizes)
        for name, found in anchors.items()
    }
    kept = casefile.committed_limits(case)
    limits |= kept
    margins = {name: tolerances.margins(found, mutants) for name, found in limits.items()}
    accept(library, anchors["fp32"]["torch_cpu"], margins["fp32"])
    accept_classes(limits, anchors)
    implementations = {
        which if name == "fp32" else name: errors for name, found in anchors.items() for which, errors in found.items()
    }
    casefile.write(case, casefile.describe(case, limits, list(mutants)), work)
    log = {
        "case": case.id,
        "case_sha256": casefile.sha256(case),
        "versions": {name: version(name) for name in ("numpy", "torch", "transformers")}
        | {"python": platform.python_version(), "machine": platform.machine()},
        "runs_identical": 2,
        "losses": losses,
        "output_rank": report.output_rank(bench),
        "transformers": {name: report.spread(errors) for name, errors in library.items()},
        "anchors": {
            name: {which: report.spread(errors) for which, errors in found.items()} for name, found in anchors.items()
        },
        "limits_kept": sorted(kept),
        "witnesses": {
            name: {"spread": report.spread(errors), "errors": report.greatest_by_group(errors)}
            for name, errors in witnesses.items()
        },
        "share_of_limits": {
            name: report.admission(errors, limits) for name, errors in (implementations | witnesses).items()
        },
        "mutants": {
            name: {
                "least_error_where_it_acts": report.least_by_family(errors),
                "times_limit": {which: report.short(found[name][0]) for which, found in margins.items()},
                "most_visible_in": margins["fp32"][name][1],
            }
            for name, errors in mutants.items()
        },
    }
    (case.resources / "generation.json").write_text(json.dumps(log, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--work", type=Path, required=True, help="a folder outside the repository; 4 GB for s128")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    work = arguments.work / arguments.case
    work.mkdir(parents=True, exist_ok=True)
    generate(CASES[arguments.case], work)


if __name__ == "__main__":
    sys.exit(main())
